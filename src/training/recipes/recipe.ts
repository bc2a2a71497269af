import { parseConfig } from "../../base/config.ts";
import { type Model, type NetworkSpec, withWinograd } from "../../model/index.ts";
import type { OptimizerConfig } from "../../optimizers/index.ts";
import { overridesSchema } from "../schema.ts";
import type { Overrides, TrainingSettings } from "../settings.ts";

/** The shape of a data set: what a recipe's network and settings depend on. */
export interface DataShape {
  /** The size of its images, and its classes. */
  readonly images: Pick<NetworkSpec, "input" | "classes">;
  /** Images of the training split. */
  readonly trainingImages: number;
}

/** What a recipe comes to: a network, and settings that train it well. */
export interface RecipeTraining extends Omit<TrainingSettings, "seed" | "split"> {
  readonly model: Model;
  readonly steps: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerConfig;
}

/** A network and the settings that train it, by name: a function from the shape of a data set to a training. */
export interface Recipe {
  readonly name: string;
  readonly description: string;
  /**
   * The training for a data set of this shape. Values that are drawn or asked for take the place of its own: it looks at
   * those which shape its network, its steps or its optimizer, and {@link recipeTraining} sets the others.
   */
  training(shape: DataShape, overrides: Overrides): RecipeTraining;
}

/** How long a training is: steps, or passes over the training images. */
export type Length = { readonly steps: number } | { readonly epochs: number };

/** The steps of a length; the last pass may end early. */
export const stepsOf = (length: Length, images: number, batchSize: number): number =>
  "steps" in length ? length.steps : Math.max(1, Math.floor((length.epochs * images) / batchSize));

/** Batch size and steps: those that are asked for, or else a recipe's own. */
export function batchesOf(
  { trainingImages }: DataShape,
  { steps, epochs, ...asked }: Overrides,
  own: Length & { readonly batchSize: number },
): { readonly batchSize: number; readonly steps: number } {
  const batchSize = asked.batchSize ?? own.batchSize;
  return { batchSize, steps: steps ?? stepsOf(epochs === undefined ? own : { epochs }, trainingImages, batchSize) };
}

/** A recipe in parts, for one that does nothing else with the shape of a data set than it is usual. */
export interface RecipeParts {
  readonly name: string;
  readonly description: string;
  /** The network for images and classes of a data set. */
  network(images: DataShape["images"], overrides: Overrides): Model;
  readonly batchSize: number;
  readonly length: Length;
  /** The optimizer for so many steps; its learning rate starts, or peaks, at the given value or at the recipe's own. */
  optimizer(steps: number, learningRate?: number): OptimizerConfig;
  /** How else it trains, unless it is told otherwise. */
  readonly options?: Omit<TrainingSettings, "steps" | "batchSize" | "optimizer" | "seed" | "split">;
}

/** A recipe of your own: the default export of a file that `inkling train --recipe FILE` takes. */
export function defineRecipe(recipe: Recipe | RecipeParts): Recipe {
  if (!("network" in recipe)) return recipe;
  return {
    ...recipe,
    training(shape, overrides) {
      const batches = batchesOf(shape, overrides, { ...recipe.length, batchSize: recipe.batchSize });
      const optimizer = recipe.optimizer(batches.steps, overrides.learningRate);
      return { ...recipe.options, ...batches, optimizer, model: recipe.network(shape.images, overrides) };
    },
  };
}

/** Throws `INVALID_ARGUMENT` for a value that is out of range whatever the recipe. */
export function checkOverrides(overrides: Overrides): void {
  parseConfig(overridesSchema, overrides, "train");
}

/**
 * The training that a recipe comes to for a data set of some shape, with other values in place of its own. Throws
 * `INVALID_ARGUMENT` for a value out of range, and `INVALID_MODEL` where the network cannot be made for the shape.
 */
export function recipeTraining(
  recipe: Recipe,
  shape: DataShape,
  overrides: Overrides = {},
): RecipeTraining & TrainingSettings {
  checkOverrides(overrides);
  const { epochs, learningRate, weightDecay, weightDecayMask, keepProbability, winograd, ...settings } = overrides;
  const { model, optimizer, ...own } = recipe.training(shape, overrides);
  return {
    ...own,
    ...settings,
    optimizer: {
      ...optimizer,
      ...(weightDecay !== undefined && { weightDecay }),
      ...(weightDecayMask !== undefined && { weightDecayMask }),
    },
    model: winograd ? withWinograd(model) : model,
  };
}
