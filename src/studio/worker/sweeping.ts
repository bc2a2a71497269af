import { findLearningRate, type LearningRateSweep } from "../../training/index.ts";
import type { TrainingData } from "../../training/trainingData.ts";
import type { Settings } from "../settings.ts";
import { plannedTraining } from "./plannedTraining.ts";
import type { Reporter } from "./reporter.ts";

/** Seconds between two reports of a sweep. */
const REPORT_SECONDS = 1 / 30;

/** Sweeps of learning rates, one at a time. */
export class Sweeping {
  readonly #backend: string;
  readonly #reporter: Reporter;
  #abort: AbortController | undefined;

  constructor(backend: string, reporter: Reporter) {
    this.#backend = backend;
    this.#reporter = reporter;
  }

  /** Starts a sweep, and reports how far it is until it is done. Throws where the settings do not fit the data. */
  start(settings: Settings, data: TrainingData): void {
    this.stop();
    const { signal } = (this.#abort = new AbortController());
    const { model, batchSize, optimizer } = plannedTraining(settings, data.shape);
    const { report } = this.#reporter;
    let reported = 0;
    const onProgress = (soFar: LearningRateSweep) => {
      const now = performance.now();
      if (now - reported < 1000 * REPORT_SECONDS) return;
      reported = now;
      report({ type: "sweep", sweep: { ...soFar, isDone: false } });
    };
    findLearningRate(model, data, { batchSize, optimizer, backend: this.#backend, signal, onProgress }).then(
      (sweep) => report({ type: "sweep", sweep: { ...sweep, isDone: true } }),
      (error: unknown) => {
        report({ type: "sweep" });
        if (!signal.aborted) this.#reporter.problem(error);
      },
    );
  }

  stop(): void {
    this.#abort?.abort();
  }
}
