import { join } from "node:path";
import { InklingError } from "../../base/error.ts";
import { syncFolder } from "../../base/node/readFile.ts";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import { checkSameTraining } from "../../training/checkpoint.ts";
import type {
  Checkpoint,
  EndEvent,
  LearningEvent,
  PlanEvent,
  StartEvent,
  TrainEvent,
  TrainingOrigin,
} from "../../training/index.ts";
import { identityOf, originOf, withOrigin } from "../../training/spec.ts";
import { encodeModel } from "../modelFile.ts";
import { saveCheckpoint, trainedAt } from "./checkpoints.ts";
import { placesOf } from "./dataPlaces.ts";
import { appendMetrics, cutMetrics } from "./metrics.ts";
import { modelFiles } from "./record.ts";
import { type RunRecord, sessionOf, writeRun } from "./runFile.ts";

interface Held {
  readonly path: string;
  /** Releases the lock on the folder. */
  readonly release: () => Promise<void>;
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
  readonly #release: () => Promise<void>;
  readonly #origin: TrainingOrigin | undefined;
  #run: RunRecord | undefined;
  #checkpoint: Checkpoint | undefined;

  /**
   * Use {@link createRun} or {@link resumeRun} instead.
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

  /** The contents of `run.json`; undefined before the start of a new run. */
  get run(): RunRecord | undefined {
    return this.#run;
  }

  /** The newest checkpoint, to resume from; undefined before the first. */
  get checkpoint(): Checkpoint | undefined {
    return this.#checkpoint;
  }

  /**
   * Saves an event. Throws `FILE_SYSTEM` if it cannot be written, which leaves what was recorded before intact; and
   * `INVALID_DATA` at the start of a training that does not belong to the folder.
   */
  async record(event: TrainEvent): Promise<void> {
    try {
      switch (event.type) {
        case "start":
          return await this.#start(event);
        case "validation":
          return await appendMetrics(this.path, event);
        case "plan":
          return await this.#replan(event);
        case "learning":
          return await this.#note(event);
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

  /** Releases the lock on the folder, and removes the folder if nothing was recorded. */
  async close(): Promise<void> {
    await this.#release();
  }

  async #start(event: StartEvent): Promise<void> {
    const before = this.#run;
    if (before) checkSameTraining(identityOf(before.config, event.arithmetic), event.identity, "run", event.step);
    const config = withOrigin(event.spec, this.#origin ?? originOf(before!.config));
    const run = {
      config,
      places: before?.places ?? placesOf(this.path, config.data),
      sessions: [...(before?.sessions ?? []), sessionOf(event)],
      // News from steps that are repeated will come again.
      ...(before?.learning && before.learning.step < event.step && { learning: before.learning }),
    };
    if (event.initial && !before)
      await writeFileAtomic(join(this.path, modelFiles.initial), encodeModel(event.initial));
    await writeRun(this.path, run);
    this.#run = run;
    await cutMetrics(this.path, event.step - 1);
    await syncFolder(this.path);
  }

  async #replan({ spec }: PlanEvent): Promise<void> {
    const run = { ...this.#run!, config: withOrigin(spec, originOf(this.#run!.config)) };
    await writeRun(this.path, run);
    this.#run = run;
  }

  async #note({ type: _, ...learning }: LearningEvent): Promise<void> {
    const run = { ...this.#run!, learning };
    await writeRun(this.path, run);
    this.#run = run;
  }

  async #save(checkpoint: Checkpoint): Promise<void> {
    await saveCheckpoint(this.path, checkpoint, this.#checkpoint?.step);
    this.#checkpoint = checkpoint;
  }

  /** Writes the models first, so that a record with a result always has the models of that result. */
  async #finish({ result, calibration, best }: EndEvent): Promise<void> {
    const run = { ...this.#run!, result };
    await writeFileAtomic(
      join(this.path, modelFiles.last),
      encodeModel(trainedAt(this.#checkpoint!).with({ calibration })),
    );
    if (best) await writeFileAtomic(join(this.path, modelFiles.best), encodeModel(best));
    await syncFolder(this.path);
    await writeRun(this.path, run);
    await syncFolder(this.path);
    this.#run = run;
  }
}
