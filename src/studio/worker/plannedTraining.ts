import type { LayerConfig } from "../../layers/index.ts";
import { checkLayers, type LayersCheck } from "../../model/checkLayers.ts";
import { type Model, type NetworkSpec, network, summarize } from "../../model/index.ts";
import { largestRate } from "../../optimizers/schedules/registry.ts";
import {
  type DataShape,
  type Overrides,
  type RecipeTraining,
  recipe,
  recipes,
  recipeTraining,
  type TrainingSettings,
  type TrainingSpec,
} from "../../training/index.ts";
import type { TrainingData } from "../../training/trainingData.ts";
import type { NetworkSummary, Plan, Settings } from "../workbench.ts";

/** The recipe's training, with the layers of the settings if there are some. Throws where they fit neither each other nor the data. */
export function plannedTraining(
  { recipe: name, overrides, layers, optimizer }: Settings,
  shape: DataShape,
): RecipeTraining & TrainingSettings {
  const own = recipeTraining(recipe(name), shape, overrides);
  return {
    ...own,
    ...(layers && { model: network(specOf(own.model), layers) }),
    ...(optimizer && { optimizer }),
  };
}

const specOf = ({ input, classes, preprocessing, labelSmoothing }: Model): NetworkSpec => ({
  input,
  classes,
  preprocessing,
  labelSmoothing,
});

/** What settings come to for the data. */
export function planOf({ recipe: name, overrides, layers, optimizer }: Settings, shape: DataShape): Plan {
  const own = recipeTraining(recipe(name), shape, overrides);
  const { steps, batchSize } = own;
  const check = checked(own.model, layers);
  const planned = check.summary.slice(1).map(({ outputShape, parameters, multiplyAdds }, k) => ({
    config: check.layers[k]!,
    shape: outputShape,
    parameters,
    multiplyAdds,
  }));
  return {
    steps,
    batchSize,
    seed: overrides.seed ?? 1,
    learningRate: Number(largestRate((optimizer ?? own.optimizer).learningRate, steps).toPrecision(3)),
    layers: planned,
    ...totals(check.summary),
    ...(check.problem && { problem: check.problem }),
  };
}

const checked = (model: Model, layers: readonly LayerConfig[] | undefined): LayersCheck =>
  layers ? checkLayers(specOf(model), layers) : { model, layers: model.layers, summary: summarize(model) };

const totals = (summary: readonly NetworkSummary[]): NetworkSummary => ({
  parameters: summary.reduce((sum, { parameters }) => sum + parameters, 0),
  multiplyAdds: summary.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0),
});

/** The size of a network. */
export const networkSummary = (model: Model): NetworkSummary => totals(summarize(model));

/**
 * The settings of a run, wherever it was started: its recipe, and what differs from what the recipe gives. An optimizer that no
 * override of the recipe's leads to, and the layers of another network, stand in them as they are.
 */
export function settingsOf(config: TrainingSpec, data: TrainingData): Settings {
  const { model, optimizer, budget } = config;
  const name = recipes.find((one) => one.name === config.recipe)?.name ?? "auto";
  const usual: TrainingSettings = { ...unset, ...recipeTraining(recipe(name), data.shape) };
  const different = settingNames.flatMap((key) =>
    config[key] === undefined || isSame(config[key], usual[key]) ? [] : [[key, config[key]]],
  );
  const overrides: Overrides = Object.fromEntries(different);
  const withRate = { ...overrides, learningRate: largestRate(optimizer.learningRate, config.steps) };
  const trainingWith = (tried: Overrides) => recipeTraining(recipe(name), data.shape, tried);
  const found = [overrides, withRate].find((tried) => isSame(trainingWith(tried).optimizer, optimizer));
  return {
    recipe: name,
    overrides: found ?? overrides,
    ...(!found && { optimizer }),
    ...(!isSame(trainingWith(overrides).model.layers, model.layers) && { layers: model.layers }),
    ...(budget !== undefined && { budget }),
  };
}

/** The settings of a training that stand in the records of runs and among the overrides. */
const settingNames = [
  ...([
    "steps",
    "batchSize",
    "gradientAccumulation",
    "mixup",
    "labelSmoothing",
    "classWeights",
    "seed",
    "split",
  ] as const),
  ...(["validateEvery", "dropoutInValidation", "monitor", "earlyStopping"] as const),
];
const unset: TrainingSettings = { seed: 1, monitor: "accuracy", dropoutInValidation: false };

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
