import { duration, whole } from "../../base/format.ts";
import {
  type Backend,
  chooseLearningRate,
  fitSteps,
  type Model,
  type Overrides,
  type Recipe,
  type RecipeTraining,
  recipeTraining,
  TRIAL_STEPS,
  type TrainingData,
  type TrainOptions,
} from "../../index.ts";
import type { Terminal } from "../terminal.ts";
import { tunedBackend } from "./tune.ts";

/** What the command line requests of a training. */
interface Asked {
  readonly recipe: Recipe;
  readonly overrides: Overrides;
  /** Whether to choose the learning rate by trials. */
  readonly chosenRate: boolean | undefined;
  /** In seconds. */
  readonly budget: number | undefined;
  readonly tune: boolean;
  readonly host: Omit<TrainOptions, "backend"> & { readonly backend: Backend };
}

/** The model and the settings of a training, after measuring tilings, learning rates and steps if requested. */
export async function prepare(
  { recipe, overrides: given, chosenRate, budget, tune, host }: Asked,
  data: TrainingData,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<{ readonly model: Model; readonly settings: TrainOptions }> {
  const { shape } = data;
  const training = recipeTraining(recipe, shape, given);
  const { model } = training;
  if (given.winograd) noteWinograd(model, terminal);
  const withHost = { ...settingsOf(training), ...host };
  const backend = tune ? await tunedBackend(model, withHost, terminal) : host.backend;
  const tunedSettings = { ...withHost, backend };
  const overrides = chosenRate
    ? { ...given, learningRate: await chosenFor(model, data, { ...tunedSettings, signal }, terminal) }
    : given;
  const settings = chosenRate
    ? { ...tunedSettings, optimizer: recipeTraining(recipe, shape, overrides).optimizer }
    : tunedSettings;
  if (budget === undefined) return { model, settings };
  const began = performance.now();
  const steps = await stepsWithin(budget, model, data, settings, terminal);
  const left = budget - (performance.now() - began) / 1000;
  const fitted = settingsOf(recipeTraining(recipe, shape, { ...overrides, steps }));
  return { model, settings: { ...settings, ...fitted, budget: left } };
}

const settingsOf = ({ model: _, ...settings }: RecipeTraining) => settings;

/** Prints which layers use Winograd's algorithm. */
function noteWinograd({ layers }: Model, terminal: Terminal): void {
  const changed = layers.filter((layer) => "algorithm" in layer && layer.algorithm === "winograd");
  terminal.note(
    changed.length > 0
      ? `Winograd's algorithm for ${changed.map(({ name }) => name).join(", ")}`
      : "Winograd's algorithm applies to none of these layers: it requires 3×3 or 5×5 convolutions with stride 1, one group and at least 8 channels, and outputs large enough to save a third of the multiplications",
  );
}

/** The learning rate that the first steps of a training go best with, tried out. */
async function chosenFor(
  model: Model,
  data: TrainingData,
  { batchSize, optimizer, seed, initFrom, backend, threads, signal }: TrainOptions,
  terminal: Terminal,
): Promise<number> {
  terminal.progress("Trying learning rates");
  const options = { batchSize, optimizer, seed, initFrom, backend, threads, signal };
  const { learningRate, trials, learned } = await chooseLearningRate(
    model,
    data,
    Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  );
  const tried = `${trials.length} rates from ${trials[0]!.learningRate} to ${trials.at(-1)!.learningRate}, ${TRIAL_STEPS} steps each`;
  terminal.note(
    learned
      ? `Learning rate ${learningRate}: the best of ${tried}`
      : `Learning rate ${learningRate}, but none of ${tried} learned anything: check the images and labels with inkling data inspect --png`,
  );
  return learningRate;
}

/** The number of steps that fit into a time budget, measured on this machine. */
async function stepsWithin(
  budget: number,
  model: Model,
  data: TrainingData,
  options: TrainOptions,
  terminal: Terminal,
): Promise<number> {
  terminal.progress("Measuring training speed");
  const { steps, stepSeconds } = await fitSteps(model, data, budget, options);
  const rate = whole(options.batchSize! / stepSeconds);
  terminal.note(
    `${duration(budget)} is enough for about ${whole(steps)} steps on this machine, at ${rate} images/s; the number is adjusted as it runs`,
  );
  return steps;
}
