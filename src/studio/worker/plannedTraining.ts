import type { LayerConfig } from "../../layers/index.ts";
import { checkLayers, type LayersCheck } from "../../model/checkLayers.ts";
import { type Model, type NetworkSpec, network, summarize } from "../../model/index.ts";
import { largestRate } from "../../optimizers/schedules/registry.ts";
import {
  chooseLearningRate,
  type DataShape,
  fitSteps,
  type RecipeTraining,
  recipe,
  recipeTraining,
  type TrainingSettings,
  type TrainOptions,
} from "../../training/index.ts";
import type { TrainingData } from "../../training/trainingData.ts";
import type { NetworkSummary, Plan, Settings } from "../settings.ts";

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

/** Settings with a learning rate in place of one that is to be chosen, which takes some seconds of trials. */
export async function withRate(
  { chosenRate, ...settings }: Settings,
  data: TrainingData,
  backend: string,
): Promise<Settings> {
  if (!chosenRate) return settings;
  const { overrides, threads } = settings;
  const { model, batchSize, optimizer } = plannedTraining(settings, data.shape);
  const { learningRate } = await chooseLearningRate(model, data, {
    ...{ batchSize, optimizer, backend },
    ...(overrides.seed !== undefined && { seed: overrides.seed }),
    ...(threads !== undefined && { threads }),
  });
  return { ...settings, overrides: { ...overrides, learningRate } };
}

/** The training of settings; with a budget, with as many steps as fit into it, which takes some seconds to measure. */
export async function plannedWithin(
  settings: Settings,
  data: TrainingData,
  backend: string,
): Promise<TrainOptions & { readonly model: Model }> {
  const planned = plannedTraining(settings, data.shape);
  const { budget, threads } = settings;
  if (budget === undefined) return planned;
  const began = performance.now();
  const { model, ...options } = planned;
  const host = { backend, ...(threads !== undefined && { threads }) };
  const { steps } = await fitSteps(model, data, budget, { ...options, ...host });
  const { epochs: _, ...overrides } = settings.overrides;
  const fitted = plannedTraining({ ...settings, overrides: { ...overrides, steps } }, data.shape);
  return { ...fitted, budget: budget - (performance.now() - began) / 1000 };
}

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
