import type { Classifier } from "../evaluation/ensemble.ts";
import type { Prediction } from "../evaluation/prediction.ts";
import { tooBusy } from "./problem.ts";

/** Pictures per call of the model: as many as one of its programs takes at once. */
const AT_ONCE = 32;

/** Lets what has arrived in the meantime be handled first. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A picture that waits for its prediction. */
interface Waiting {
  /** [H,W,C] */
  readonly pixels: Uint8Array;
  /** When it is no longer needed, in milliseconds on the clock of `performance.now()`. */
  readonly deadline: number;
  readonly resolve: (prediction: Prediction) => void;
  readonly reject: (error: unknown) => void;
}

/** Predicts pictures of all requests that arrive together in one call of a model. */
export class Batcher {
  readonly #trained: Classifier;
  readonly #onBatch: (pictures: number) => void;
  #waiting: Waiting[] = [];
  #isRunning = false;

  /** `onBatch` is called with the number of pictures of each call of the model. */
  constructor(trained: Classifier, onBatch: (pictures: number) => void) {
    this.#trained = trained;
    this.#onBatch = onBatch;
  }

  /**
   * The prediction for an image [H,W,C]. Throws `UNAVAILABLE` if its turn does not come before the deadline, and
   * `NOT_FINITE` if the model has no answer for it.
   */
  predict(pixels: Uint8Array, deadline: number): Promise<Prediction> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ pixels, deadline, resolve, reject });
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      await nextTurn();
      const now = performance.now();
      const batch = this.#waiting.splice(0, AT_ONCE).filter(({ deadline, reject }) => {
        if (deadline < now) reject(tooBusy());
        return deadline >= now;
      });
      if (batch.length > 0) await this.#predict(batch);
    }
    this.#isRunning = false;
  }

  async #predict(batch: readonly Waiting[]): Promise<void> {
    try {
      const predictions = await this.#trained.predictBatch(batch.map(({ pixels }) => pixels));
      this.#onBatch(batch.length);
      for (const [i, { resolve }] of batch.entries()) resolve(predictions[i]!);
    } catch (error) {
      // One picture without an answer must not take those of the other requests.
      if (batch.length === 1) batch[0]!.reject(error);
      else for (const one of batch) await this.#predict([one]);
    }
  }
}
