import { join } from "node:path";
import { InklingError } from "../../base/error.ts";
import { syncFolder } from "../../base/node/readFile.ts";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import { checkSameTraining } from "../../training/checkpoint.ts";
import type { Checkpoint, EndEvent, StartEvent, TrainEvent, TrainingOrigin } from "../../training/index.ts";
import { identityOf, originOf, withOrigin } from "../../training/spec.ts";
import { encodeModel } from "../modelFile.ts";
import { saveCheckpoint, trainedAt } from "./checkpoints.ts";
import { appendMetrics, cutMetrics } from "./metrics.ts";
import { modelFiles } from "./record.ts";
import { type RunRecord, sessionOf, writeRun } from "./runFile.ts";

interface Held {
  readonly path: string;
  /** Gives the folder free. */
  readonly release: () => Promise<void>;
  /** Of a new run. */
  readonly origin?: TrainingOrigin;
  /** Of a run that is resumed. */
  readonly run?: RunRecord;
  readonly checkpoint?: Checkpoint | undefined;
  readonly damaged?: readonly string[];
}

/**
 * The folder of a run under way, which is this process's alone until it is closed. Hand it every event of a
 * training: when `record` returns, it is on the disk, and the run can be resumed whatever happens.
 */
export class RunFolder {
  readonly path: string;
  /** What is wrong with checkpoints that were passed over for an older one. */
  readonly damaged: readonly string[];
  readonly #release: () => Promise<void>;
  readonly #origin: TrainingOrigin | undefined;
  #run: RunRecord | undefined;
  #checkpoint: Checkpoint | undefined;

  /**
   * Not to be called: see {@link createRun} and {@link resumeRun}.
   *
   * @internal
   */
  constructor({ path, release, origin, run, checkpoint, damaged = [] }: Held) {
    this.path = path;
    this.damaged = damaged;
    this.#release = release;
    this.#origin = origin;
    this.#run = run;
    this.#checkpoint = checkpoint;
  }

  /** What `run.json` holds; nothing before the start of a new run. */
  get run(): RunRecord | undefined {
    return this.#run;
  }

  /** The newest checkpoint, to resume from; none before the first. */
  get checkpoint(): Checkpoint | undefined {
    return this.#checkpoint;
  }

  /**
   * Saves what an event says. Throws `FILE_SYSTEM` where that cannot be written; what was recorded before is still
   * there. Throws `INVALID_DATA` at the start of a training that is not the folder's.
   */
  async record(event: TrainEvent): Promise<void> {
    try {
      switch (event.type) {
        case "start":
          return await this.#start(event);
        case "validation":
          return await appendMetrics(this.path, event);
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

  /** Gives the folder free for others, and removes it where nothing was recorded. */
  async close(): Promise<void> {
    await this.#release();
  }

  async #start(event: StartEvent): Promise<void> {
    const before = this.#run;
    if (before) checkSameTraining(identityOf(before.config, event.arithmetic), event.identity, "run");
    const run = {
      config: withOrigin(event.spec, this.#origin ?? originOf(before!.config)),
      sessions: [...(before?.sessions ?? []), sessionOf(event)],
    };
    if (event.initial && !before)
      await writeFileAtomic(join(this.path, modelFiles.initial), encodeModel(event.initial));
    await writeRun(this.path, run);
    this.#run = run;
    await cutMetrics(this.path, event.step - 1);
    await syncFolder(this.path);
  }

  async #save(checkpoint: Checkpoint): Promise<void> {
    await saveCheckpoint(this.path, checkpoint, this.#checkpoint?.step);
    this.#checkpoint = checkpoint;
  }

  /** The models first: once the record has a result, the models are those of the result. */
  async #finish({ result, best }: EndEvent): Promise<void> {
    const run = { ...this.#run!, result };
    await writeFileAtomic(join(this.path, modelFiles.last), encodeModel(trainedAt(this.#checkpoint!)));
    if (best) await writeFileAtomic(join(this.path, modelFiles.best), encodeModel(best));
    await syncFolder(this.path);
    await writeRun(this.path, run);
    await syncFolder(this.path);
    this.#run = run;
  }
}
