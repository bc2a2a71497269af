import { InklingError } from "../base/error.ts";
import type { AnyDataset } from "../datasets/index.ts";
import type { TrainedModel } from "../evaluation/index.ts";
import type { Model } from "../model/index.ts";
import type { TrainEvent, TrainResult } from "./events.ts";
import { resolveOptions, type TrainOptions } from "./options.ts";
import { setUp } from "./setup.ts";
import { Trainer } from "./trainer.ts";

/**
 * A training run: iterate over it to follow its events, or just ask for its result. It trains while
 * somebody waits for one of them, and only once.
 */
export class TrainingRun implements AsyncIterable<TrainEvent> {
  readonly #trainer: Promise<Trainer>;
  readonly #events: AsyncGenerator<TrainEvent, void>;
  #result: TrainResult | undefined;
  #failure: unknown;

  constructor(trainer: Promise<Trainer>) {
    this.#trainer = trainer;
    trainer.catch(() => {}); // reported to whoever waits for the run
    this.#events = this.#follow();
  }

  async *#follow(): AsyncGenerator<TrainEvent, void> {
    try {
      for await (const event of (await this.#trainer).train()) {
        if (event.type === "end") this.#result = event.result;
        yield event;
      }
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /** The events from here on. Leaving the loop early does not end the run; its signal does. */
  [Symbol.asyncIterator](): AsyncIterator<TrainEvent> {
    return { next: () => this.#events.next() };
  }

  /** Trains to the end. Throws what went wrong: `ABORTED`, `NOT_FINITE`, or an error of options, data or a checkpoint. */
  async result(): Promise<TrainResult> {
    for await (const _ of this);
    if (!this.#result) throw this.#failure;
    return this.#result;
  }

  /**
   * Trains to the end, and gives the model with its last weights, or with those of the best validation. Throws
   * `NOT_FOUND` where these are asked for and nothing was validated.
   */
  async model(weights: "last" | "best" = "last"): Promise<TrainedModel> {
    await this.result();
    const { trained, best } = await this.#trainer;
    if (weights === "last") return trained;
    if (best) return best;
    throw new InklingError("NOT_FOUND", "the training has no best weights: it had no images to validate with");
  }
}

/**
 * Trains a model on a data set, which is split into training, validation and test images. The same model,
 * data, options and seed give the same weights, bit for bit, also where the training was stopped between and
 * resumed from a checkpoint.
 */
export const train = (model: Model, dataset: AnyDataset, options: TrainOptions = {}): TrainingRun =>
  new TrainingRun(startTrainer(model, dataset, options));

async function startTrainer(model: Model, dataset: AnyDataset, options: TrainOptions): Promise<Trainer> {
  const resolved = resolveOptions(options);
  const setup = await setUp(model, dataset, resolved, options);
  return new Trainer(setup, resolved, options.resume, options.signal);
}
