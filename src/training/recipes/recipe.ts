import { parseOptions } from "../../base/config.ts";
import { InklingError, message, optionRef } from "../../base/error.ts";
import { type Model, type NetworkSpec, withWinograd } from "../../model/index.ts";
import type { OptimizerConfig } from "../../optimizers/index.ts";
import { checkValidates } from "../monitor.ts";
import { checkParts } from "../options.ts";
import { overridesSchema } from "../schema.ts";
import type { Overrides, TrainingSettings } from "../settings.ts";
import { checkParameters, completed, type Drawn, type Parameters, type Space } from "../space/parameter.ts";

/** The properties of a data set that a recipe's network and settings depend on. */
export interface DataShape {
  /** The shape of its images [H,W,C], and its classes. */
  readonly images: Pick<NetworkSpec, "input" | "classes">;
  /** Number of images in the training split. */
  readonly trainingImages: number;
}

/** A recipe applied to a data set: a network, and settings that train it well. */
export interface RecipeTraining extends Omit<TrainingSettings, "seed" | "split"> {
  readonly model: Model;
  readonly steps: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerConfig;
}

/** A named network with settings that train it: a function from the shape of a data set to a training. */
export interface Recipe {
  readonly name: string;
  readonly description: string;
  /** What a search varies. */
  readonly space?: Space;
  /**
   * The training for a data set of this shape. Overrides replace the recipe's own values: this function applies those
   * that affect the network, the steps or the optimizer, and {@link recipeTraining} applies the others.
   */
  training(shape: DataShape, overrides: Overrides): RecipeTraining;
}

/** The length of a training: steps, or passes over the training images. */
export type Length = { readonly steps: number } | { readonly epochs: number };

/** The number of steps in a length, at least 1; the last pass may be incomplete. */
export const stepsOf = (length: Length, images: number, batchSize: number): number =>
  "steps" in length ? length.steps : Math.max(1, Math.floor((length.epochs * images) / batchSize));

/** Batch size and steps: those of the overrides, or else the recipe's own. */
export function batchesOf(
  { trainingImages }: DataShape,
  { steps, epochs, ...asked }: Overrides,
  own: Length & { readonly batchSize: number },
): { readonly batchSize: number; readonly steps: number } {
  const batchSize = asked.batchSize ?? own.batchSize;
  return { batchSize, steps: steps ?? stepsOf(epochs === undefined ? own : { epochs }, trainingImages, batchSize) };
}

/**
 * A recipe in parts, which is enough unless it depends on the shape of a data set in an unusual way. Its network and its
 * optimizer depend on the parameters of its space, which have their default values unless a search or `--set` draws others.
 */
export interface RecipeParts<S extends Space = Space> {
  readonly name: string;
  readonly description: string;
  /**
   * What a search varies, by name: parameters of this recipe, and options of a training such as `learningRate`,
   * `batchSize` or `weightDecay`, which replace the recipe's own value.
   */
  readonly space?: S;
  /** The network for the images and classes of a data set. */
  network(images: DataShape["images"], overrides: Overrides, parameters: Drawn<S>): Model;
  readonly batchSize: number;
  readonly length: Length;
  /**
   * The optimizer for a number of steps; its learning rate starts or peaks at `learningRate`, or at the recipe's own.
   */
  optimizer(steps: number, learningRate: number | undefined, parameters: Drawn<S>): OptimizerConfig;
  /** Other settings, which overrides may replace. */
  readonly options?: Omit<TrainingSettings, "steps" | "batchSize" | "optimizer" | "seed" | "split">;
}

/** Whether a parameter of a space is an option of a training, rather than a parameter that only its recipe knows. */
export const isOption = (name: string): boolean => name in overridesSchema.entries && name !== "parameters";

/** The overrides that stand for values drawn from a recipe's space. */
export function overridesOf(values: Parameters): Overrides {
  const entries = Object.entries(values);
  const parameters = Object.fromEntries(entries.filter(([name]) => !isOption(name)));
  const options = Object.fromEntries(entries.filter(([name]) => isOption(name)));
  return { ...options, ...(Object.keys(parameters).length > 0 && { parameters }) };
}

/** Defines a recipe: the default export of a file for `inkling train --recipe FILE`. */
export function defineRecipe<const S extends Space>(recipe: RecipeParts<S>): Recipe;
export function defineRecipe(recipe: Recipe | RecipeParts): Recipe;
export function defineRecipe(recipe: Recipe | RecipeParts): Recipe {
  if (!("network" in recipe)) return recipe;
  const { space = {} } = recipe;
  return {
    ...recipe,
    training(shape, overrides) {
      const options = Object.entries(overrides).filter(([name]) => isOption(name));
      const parameters = completed(space, { ...overrides.parameters, ...Object.fromEntries(options) });
      const batches = batchesOf(shape, overrides, { ...recipe.length, batchSize: recipe.batchSize });
      const optimizer = recipe.optimizer(batches.steps, overrides.learningRate, parameters);
      return { ...recipe.options, ...batches, optimizer, model: recipe.network(shape.images, overrides, parameters) };
    },
  };
}

/** Throws `INVALID_ARGUMENT` for a value that is out of range for every recipe, and for values that contradict each other. */
export function checkOverrides(overrides: Overrides): void {
  parseOptions(overridesSchema, overrides, "train");
  const { batchSize, gradientAccumulation, earlyStopping, validateEvery, split } = overrides;
  if (batchSize !== undefined && gradientAccumulation !== undefined) checkParts(batchSize, gradientAccumulation);
  if (earlyStopping) checkValidates(true, { validateEvery, images: split?.validation });
}

/** Throws if the network would be the same with any other probability to keep an element. */
function checkDropout(recipe: Recipe, shape: DataShape, overrides: Overrides, model: Model): void {
  const keepProbability = overrides.keepProbability === 0.5 ? 0.75 : 0.5;
  const other = recipe.training(shape, { ...overrides, keepProbability });
  if (JSON.stringify(other.model) !== JSON.stringify(model)) return;
  throw new InklingError(
    "INVALID_ARGUMENT",
    message`recipe ${recipe.name} has no dropout that ${optionRef("keepProbability")} could set; omit it, or use a recipe that has, such as lenet`,
  );
}

/**
 * A recipe's training for a data set of the given shape, with overrides in place of its own values. Throws
 * `INVALID_ARGUMENT` for a value out of range and for `keepProbability` of a recipe without dropout, and `INVALID_MODEL` if
 * the network cannot be built for the shape.
 */
export function recipeTraining(
  recipe: Recipe,
  shape: DataShape,
  overrides: Overrides = {},
): RecipeTraining & TrainingSettings {
  checkOverrides(overrides);
  if (overrides.parameters) checkParameters(recipe.space ?? {}, overrides.parameters);
  const { epochs, learningRate, weightDecay, weightDecayMask, keepProbability, winograd, parameters, ...settings } =
    overrides;
  const { model, optimizer, ...own } = recipe.training(shape, overrides);
  if (keepProbability !== undefined) checkDropout(recipe, shape, overrides, model);
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
