import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { InklingError } from "../../base/error.ts";
import type { Lock } from "../../base/node/lock.ts";
import { syncFolder } from "../../base/node/readFile.ts";
import { fileSystemError } from "../../base/node/systemError.ts";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import type {
  Checkpoint,
  EndEvent,
  StartEvent,
  TrainEvent,
  TrainingOrigin,
  TrainingSpec,
} from "../../training/index.ts";
import { checkpointName, checkpointSteps, trainedAt } from "../checkpointFile.ts";
import { METRICS_FILE } from "../metricsFile.ts";
import { encodeModel } from "../modelFile.ts";
import { type RunRecord, recordAfter } from "../record.ts";
import { modelFiles, RUN_FILE } from "../result.ts";
import { saveCheckpoint } from "./checkpoints.ts";
import { placesOf } from "./dataPlaces.ts";
import { appendMetrics, cutMetrics } from "./metrics.ts";
import { nodeHost, writeRun } from "./runFile.ts";

interface Held {
  readonly path: string;
  /** The lock on the folder. */
  readonly lock: Lock;
  /** The origin of a new run. */
  readonly origin?: TrainingOrigin;
  /** The record of a resumed run. */
  readonly run?: RunRecord;
  readonly checkpoint?: Checkpoint | undefined;
  readonly damaged?: readonly string[];
}

/**
 * The folder of a run in progress, locked by this process until it is closed. Pass it every event of a training: once
 * `record` resolves, the event is on disk, and the run can be resumed whatever happens.
 */
export class RunFolder {
  readonly path: string;
  /** What is wrong with the damaged checkpoints that were skipped for an older one. */
  readonly damaged: readonly string[];
  readonly #lock: Lock;
  readonly #origin: TrainingOrigin | undefined;
  readonly #remarks = new Set<string>();
  #run: RunRecord | undefined;
  #checkpoint: Checkpoint | undefined;

  /**
   * Use {@link createRun} or {@link resumeRun} instead.
   *
   * @internal
   */
  constructor({ path, lock, origin, run, checkpoint, damaged = [] }: Held) {
    this.path = path;
    this.damaged = damaged;
    this.#lock = lock;
    this.#origin = origin;
    this.#run = run;
    this.#checkpoint = checkpoint;
  }

  /** The contents of `run.json`; undefined before the start of a new run. */
  get run(): RunRecord | undefined {
    return this.#run;
  }

  /** The newest checkpoint, to resume from; undefined before the first. */
  get checkpoint(): Checkpoint | undefined {
    return this.#checkpoint;
  }

  /** What could not be done, without harm to the run, such as removing an old checkpoint. */
  get remarks(): readonly string[] {
    return [...this.#remarks];
  }

  /**
   * Saves an event. Throws `FILE_SYSTEM` if it cannot be written, which leaves what was recorded before intact, or if the
   * folder was removed, moved or replaced since it was locked, so that nothing is mixed with another run; and `INVALID_DATA` at the start of a training that does not belong to the folder.
   */
  async record(event: TrainEvent): Promise<void> {
    await this.#lock.check();
    try {
      switch (event.type) {
        case "start":
          return await this.#start(event);
        case "validation":
          return await appendMetrics(this.path, event);
        case "plan":
        case "learning":
          return await this.#update(this.#after(event));
        case "checkpoint":
          return await this.#save(event.checkpoint);
        case "end":
          return await this.#finish(event);
      }
    } catch (error) {
      if (!(error instanceof InklingError) || error.code !== "FILE_SYSTEM") throw error;
      const safe = `the run is saved up to step ${this.#checkpoint?.step ?? 0}: fix that`;
      const advice = this.#run
        ? `${safe}, then resume with: inkling train --resume ${this.path}`
        : "fix that, or use another folder";
      throw new InklingError("FILE_SYSTEM", `${error.message}; ${advice}`, { cause: error });
    }
  }

  /**
   * Removes all that was recorded of a new run, so that its training can start again. The folder stays locked. Throws
   * `FILE_SYSTEM` for a file that cannot be removed.
   */
  async discard(): Promise<void> {
    const checkpoints = checkpointSteps(await readdir(this.path)).map(checkpointName);
    for (const name of [...checkpoints, ...Object.values(modelFiles), METRICS_FILE, RUN_FILE]) {
      const path = join(this.path, name);
      await rm(path, { force: true }).catch((cause) => {
        throw fileSystemError(path, "removed", cause);
      });
    }
    this.#run = undefined;
    this.#checkpoint = undefined;
  }

  /** Releases the lock on the folder, and removes the folder if nothing was recorded. */
  async close(): Promise<void> {
    await this.#lock.release();
  }

  /** As {@link close}, at the end of a block with `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The record after an event. */
  #after(event: TrainEvent): RunRecord {
    const placesHere = ({ data }: TrainingSpec) => placesOf(this.path, data);
    return recordAfter(this.#run, event, { host: nodeHost(), origin: this.#origin, placesOf: placesHere })!;
  }

  async #start(event: StartEvent): Promise<void> {
    const run = this.#after(event);
    if (event.initial && !this.#run)
      await writeFileAtomic(join(this.path, modelFiles.initial), encodeModel(event.initial));
    await this.#update(run);
    await cutMetrics(this.path, event.step - 1);
    await syncFolder(this.path);
  }

  async #update(run: RunRecord): Promise<void> {
    await writeRun(this.path, run);
    this.#run = run;
  }

  async #save(checkpoint: Checkpoint): Promise<void> {
    const remarks = await saveCheckpoint(this.path, checkpoint, this.#checkpoint?.step);
    for (const remark of remarks) this.#remarks.add(remark);
    this.#checkpoint = checkpoint;
  }

  /** Writes the models first, so that a record with a result always has the models of that result. */
  async #finish(event: EndEvent): Promise<void> {
    const last = trainedAt(this.#checkpoint!).with({ calibration: event.calibration });
    await writeFileAtomic(join(this.path, modelFiles.last), encodeModel(last));
    if (event.best) await writeFileAtomic(join(this.path, modelFiles.best), encodeModel(event.best));
    await syncFolder(this.path);
    await this.#update(this.#after(event));
    await syncFolder(this.path);
  }
}
