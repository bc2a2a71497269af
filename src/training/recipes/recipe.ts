import type { Model, NetworkSpec } from "../../model/index.ts";
import type { OptimizerConfig } from "../../optimizers/index.ts";
import type { TrainOptions } from "../options.ts";

/** What a recipe leaves open. */
export interface RecipeOptions {
  readonly keepProbability?: number;
}

/** The steps of so many passes over the training images; the last pass may end early. */
export const stepsOf = (length: Recipe["length"], images: number, batchSize: number): number =>
  "steps" in length ? length.steps : Math.max(1, Math.floor((length.epochs * images) / batchSize));

/** A recipe of your own: the default export of a file that `inkling train --recipe FILE` takes. */
export const defineRecipe = (recipe: Recipe): Recipe => recipe;

/** A network and the settings that train it well, by name. */
export interface Recipe {
  readonly name: string;
  readonly description: string;
  /** The network for images and classes of a data set. */
  network(spec: NetworkSpec, options: RecipeOptions): Model;
  readonly batchSize: number;
  /** How long it trains: steps, or passes over the training images. */
  readonly length: { readonly steps: number } | { readonly epochs: number };
  /** The optimizer for so many steps; its learning rate starts, or peaks, at the given value or at the recipe's own. */
  optimizer(steps: number, learningRate?: number): OptimizerConfig;
  /** How else it trains, unless it is told otherwise. */
  readonly options?: Pick<
    TrainOptions,
    "classWeights" | "earlyStopping" | "gradientAccumulation" | "mixup" | "monitor" | "validateEvery"
  >;
}
