import { InklingError, kindOf } from "../base/error.ts";
import type { AnyDataset } from "../datasets/index.ts";
import type { TrainedModel } from "../evaluation/index.ts";
import { checkModel, type Model } from "../model/index.ts";
import { type Checkpoint, checkSameTraining } from "./checkpoint.ts";
import type { TrainEvent, TrainResult } from "./events.ts";
import { resolveOptions, type TrainOptions } from "./options.ts";
import { type DataShape, type Recipe, recipeTraining } from "./recipes/recipe.ts";
import { overridesSchema } from "./schema.ts";
import type { Overrides, TrainingSettings } from "./settings.ts";
import { setUp } from "./setup.ts";
import { identityOf, optionsOf, type TrainingSpec } from "./spec.ts";
import type { CallSize } from "./stepper.ts";
import { Trainer } from "./trainer.ts";
import { dataOf, type TrainingData } from "./trainingData.ts";

/**
 * A training run: iterate over it to follow its events, or await its result. It advances only while one of them is
 * being awaited, and runs only once.
 */
export class TrainingRun implements AsyncIterable<TrainEvent> {
  readonly #trainer: Promise<Trainer>;
  readonly #events: AsyncGenerator<TrainEvent, void>;
  /** Settles when no event is in progress. */
  #turn: Promise<unknown> = Promise.resolve();
  #result: TrainResult | undefined;
  #failure: unknown;

  constructor(trainer: Promise<Trainer>) {
    this.#trainer = trainer;
    trainer.catch(() => {}); // reported to whoever awaits the run
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

  /** The remaining events. Leaving the loop early does not end the run; aborting its signal does. */
  [Symbol.asyncIterator](): AsyncIterator<TrainEvent> {
    return {
      next: () => {
        const next = this.#events.next();
        this.#turn = next.catch(() => {});
        return next;
      },
    };
  }

  /** Changes how much it does between two `progress` events, such as a single step; the weights do not depend on it. */
  async setCallSize(size: CallSize): Promise<void> {
    (await this.#trainer).callSize = size;
  }

  /**
   * Ends the run where it is, after the event in progress, and frees its memory, its code and its share of other threads. A
   * run that ended by itself has freed them. `current` then returns the last weights; `result` throws `ABORTED`.
   */
  async close(): Promise<void> {
    await this.#events.return();
    const trainer = await this.#trainer.catch(() => undefined);
    trainer?.close();
    this.#failure ??= new InklingError("ABORTED", "the training was closed before its end");
  }

  /** As {@link close}, at the end of a block with `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The model with a copy of its weights at present, after the event in progress. */
  async current(): Promise<TrainedModel> {
    const trainer = await this.#trainer;
    await this.#turn;
    return trainer.trained;
  }

  /**
   * A copy of the state at present, after the event in progress, to resume from; after the end, the last one. Throws `ABORTED` if
   * the run was closed without one.
   */
  async checkpoint(): Promise<Checkpoint> {
    const trainer = await this.#trainer;
    await this.#turn;
    return trainer.checkpoint;
  }

  /** Trains to the end. Throws `ABORTED`, `NOT_FINITE`, or an error about the options, the data or the checkpoint. */
  async result(): Promise<TrainResult> {
    for await (const _ of this);
    if (!this.#result) throw this.#failure;
    return this.#result;
  }

  /**
   * Trains to the end, and returns the model with its last weights, or with those of the best validation. Throws as
   * `result` does, and `NOT_FOUND` for "best" if there were no validation images.
   */
  async model(weights: "last" | "best" = "last"): Promise<TrainedModel> {
    await this.result();
    const { trained, best } = await this.#trainer;
    if (weights === "last") return trained;
    if (best) return best;
    throw new InklingError("NOT_FOUND", "there are no best weights: the training had no validation images");
  }
}

/** How to train with a recipe: values that replace its own, and everything else that {@link TrainOptions} has. */
export type RecipeOptions = Overrides & TrainOptions;

/**
 * Trains a model, or what a recipe builds for the data, on a data set, which is split into training, validation and test
 * images, or on data already split. `train(recipe(), data)` uses the recipe that fits any data. The same model, data,
 * options and seed give the same weights, bit for bit, even if the training was stopped and resumed from a checkpoint.
 * Errors are thrown by the run: see {@link TrainingRun.result}.
 */
export function train(model: Model, data: AnyDataset | TrainingData, options?: TrainOptions): TrainingRun;
export function train(recipe: Recipe, data: AnyDataset | TrainingData, options?: RecipeOptions): TrainingRun;
export function train(
  model: Model | Recipe,
  data: AnyDataset | TrainingData,
  options: RecipeOptions = {},
): TrainingRun {
  return new TrainingRun(start(model, data, options));
}

async function start(model: Model | Recipe, data: AnyDataset | TrainingData, options: RecipeOptions): Promise<Trainer> {
  if (typeof model !== "object" || model === null)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `train: the model is ${kindOf(model)}, expected what network() makes, or a recipe such as recipe()`,
    );
  if ("training" in model) return startRecipe(model, data, options);
  checkModel(model);
  return startTrainer(model, data, options);
}

/**
 * Runs the training of a spec on its data. The same spec gives the same weights on every machine with the same
 * arithmetic. The run throws `INVALID_DATA` if the data, or the initial weights from `initFrom`, are not the spec's.
 */
export const trainSpec = (
  spec: TrainingSpec,
  data: AnyDataset | TrainingData,
  options: Omit<TrainOptions, keyof TrainingSettings> = {},
): TrainingRun => new TrainingRun(startTrainer(spec.model, data, { ...optionsOf(spec), ...options }, spec));

async function startRecipe(recipe: Recipe, data: AnyDataset | TrainingData, options: RecipeOptions): Promise<Trainer> {
  const divided = dataOf(data, options);
  const { model, ...settings } = recipeOptions(recipe, divided.shape, options);
  return startTrainer(model, divided, settings);
}

/** The model and the options with which `train` trains it as it would train the recipe with the given options. */
export function recipeOptions(
  recipe: Recipe,
  shape: DataShape,
  options: RecipeOptions,
): TrainOptions & { readonly model: Model } {
  const isOverride = ([name]: readonly [string, unknown]) => name in overridesSchema.entries;
  const entries = Object.entries(options);
  const overrides: Overrides = Object.fromEntries(entries.filter(isOverride));
  const others = Object.fromEntries(entries.filter((entry) => !isOverride(entry)));
  return { ...recipeTraining(recipe, shape, overrides), ...others };
}

async function startTrainer(
  model: Model,
  data: AnyDataset | TrainingData,
  options: TrainOptions,
  expected?: TrainingSpec,
): Promise<Trainer> {
  const started = performance.now();
  const setup = await setUp(model, data, resolveOptions(options), options);
  const { spec, identity } = setup;
  if (expected) {
    const { data, initialWeights } = expected;
    const wanted = { ...spec, data, ...(initialWeights !== undefined && { initialWeights }) };
    checkSameTraining(identityOf(wanted, identity.arithmetic), identity, "spec");
  }
  return new Trainer(setup, started, options.resume, options.signal);
}
