import type { Model, NetworkSpec } from "../../model/index.ts";
import type { OptimizerConfig } from "../../optimizers/index.ts";

/** What a recipe leaves open. */
export interface RecipeOptions {
  readonly keepProbability?: number;
}

/** A recipe of your own: the default export of a file that `inkling train --recipe FILE` takes. */
export const defineRecipe = (recipe: Recipe): Recipe => recipe;

/** A network and the settings that train it well, by name. */
export interface Recipe {
  readonly name: string;
  readonly description: string;
  network(spec: NetworkSpec, options: RecipeOptions): Model;
  readonly batchSize: number;
  readonly steps: number;
  /** The optimizer, whose learning rate starts at the given value or at the recipe's own. */
  optimizer(learningRate?: number): OptimizerConfig;
}
