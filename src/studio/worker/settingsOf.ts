import { largestRate } from "../../optimizers/schedules/registry.ts";
import {
  type Overrides,
  recipe,
  recipes,
  recipeTraining,
  type TrainingSettings,
  type TrainingSpec,
} from "../../training/index.ts";
import type { TrainingData } from "../../training/trainingData.ts";
import type { Settings } from "../settings.ts";

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
