import { followsValidations } from "../optimizers/schedules/registry.ts";
import { overridesOf, type Recipe, recipeTraining } from "../training/recipes/recipe.ts";
import type { Overrides } from "../training/settings.ts";
import type { Parameters } from "../training/space/parameter.ts";
import { parseTrainingSpec, type TrainingOrigin, type TrainingSpec, withOrigin } from "../training/spec.ts";
import type { TrainingData } from "../training/trainingData.ts";

/** What all trials of a study have in common. */
export interface TrialBase {
  readonly recipe: Recipe;
  readonly data: TrainingData;
  readonly origin: TrainingOrigin;
  /** Values that replace the recipe's own, and that the parameters of a trial replace in turn. */
  readonly overrides: Overrides;
  readonly backend: string;
}

/**
 * The training of a trial as plain data. Trials with different batch sizes see the same number of images: that of the
 * recipe with its own batch size. Throws `INVALID_ARGUMENT` or `INVALID_MODEL` for parameters that make no training.
 */
export async function trialSpec(base: TrialBase, parameters: Parameters): Promise<TrainingSpec> {
  const { recipe, data, origin, backend } = base;
  const { epochs: _, ...given } = base.overrides;
  const { shape } = data;
  const usual = recipeTraining(recipe, shape, base.overrides);
  const drawn = overridesOf(parameters);
  const { batchSize = usual.batchSize } = drawn;
  const steps = Math.max(1, Math.round((usual.steps * usual.batchSize) / batchSize));
  const all = { ...given, ...drawn, parameters: { ...given.parameters, ...drawn.parameters }, steps };
  const { model, ...settings } = recipeTraining(recipe, shape, all);
  const { earlyStopping, optimizer } = settings;
  const dependsOnValidations = earlyStopping !== undefined || followsValidations(optimizer.learningRate);
  const { validateEvery = dependsOnValidations ? undefined : 0 } = settings;
  const spec = parseTrainingSpec({
    ...settings,
    seed: data.seed,
    split: data.split,
    ...(validateEvery !== undefined && { validateEvery }),
    data: await data.spec,
    backend,
    model,
  });
  return withOrigin(spec, { ...origin, recipe: recipe.name });
}
