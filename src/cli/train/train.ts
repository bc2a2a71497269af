import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import {
  type AnyDataset,
  type Backend,
  backend,
  type ClassWeights,
  describeSplit,
  divide,
  fitSteps,
  InklingError,
  type KeepTogether,
  type Model,
  type OptimizerConfig,
  type Recipe,
  stepsOf,
  type TrainedModel,
  type TrainOptions,
  train,
  type WeightDecayMask,
  withWinograd,
} from "../../index.ts";
import { createRun } from "../../node.ts";
import { duration, whole } from "../../report/format.ts";
import { interruptible } from "../interrupt.ts";
import { loadRecipe } from "../loadRecipe.ts";
import { openModel } from "../openModel.ts";
import { type OpeningOptions, openWithTest } from "../openSource.ts";
import { showEnd, summaryOf } from "../showTraining.ts";
import { createTerminal, type Terminal } from "../terminal.ts";
import { followRun } from "./followRun.ts";
import { tunedBackend } from "./tune.ts";

/** The options of `inkling train`, as commander gives them. */
export interface TrainCommandOptions extends OpeningOptions {
  readonly recipe?: string;
  readonly steps?: number;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly weightDecay?: number;
  readonly weightDecayMask?: WeightDecayMask;
  readonly gradientAccumulation?: number;
  readonly mixup?: number;
  readonly classWeights?: ClassWeights;
  readonly learningRate?: number;
  readonly keepProbability?: number;
  readonly budget?: number;
  readonly initFrom?: string;
  readonly seed?: number;
  readonly backend?: string;
  readonly threads?: number;
  readonly test?: string;
  readonly trainingSize?: number;
  readonly validationSize?: number;
  readonly testSize?: number;
  readonly keepTogether?: KeepTogether;
  readonly validateEvery?: number;
  readonly validateWithDropout?: boolean;
  readonly earlyStopping?: number;
  readonly minDelta?: number;
  readonly monitor?: "accuracy" | "loss";
  readonly out?: string;
  readonly checkpointEvery?: number;
  readonly extend?: number;
  readonly force?: boolean;
  readonly tune?: boolean;
  readonly winograd?: boolean;
  readonly json?: boolean;
}

/** Trains a recipe on a data set (`letters` by default), prints how it goes, and saves the run. */
export async function trainCommand(source = "letters", options: TrainCommandOptions): Promise<void> {
  for (const name of ["extend", "force"] as const)
    if (options[name] !== undefined)
      throw new InklingError("INVALID_ARGUMENT", `--${name} is for a run that was stopped; name it with --resume`);
  const terminal = createTerminal({ json: options.json ?? false });
  const chosen = await loadRecipe(options.recipe ?? "lenet");
  // What is not known or not there is said before a folder is made and data are read.
  const on = backend(options.backend);
  const initFrom = options.initFrom === undefined ? undefined : await openModel(options.initFrom, on);
  const { test, resize, fixes } = options;
  const folder = await createRun(options.out ?? freeFolder(chosen, source), {
    source,
    ...(test !== undefined && { test }),
    ...(resize && { resize }),
    ...(fixes && { fixes }),
    recipe: chosen.name,
    ...(options.initFrom !== undefined && { initFrom: options.initFrom }),
    ...(options.budget !== undefined && { budget: options.budget }),
  });
  try {
    await interruptible(async (signal) => {
      const { run, classes } = await start(chosen, source, options, initFrom, terminal, signal);
      const result = await followRun(run, folder, classes, terminal);
      showEnd(result, folder.path, terminal);
      if (options.json) process.stdout.write(`${JSON.stringify(summaryOf(result, folder.path))}\n`);
    });
  } finally {
    terminal.clear();
    await folder.close();
  }
}

/** Opens the data, says how they are split, and starts the training. */
async function start(
  chosen: Recipe,
  source: string,
  options: TrainCommandOptions,
  initFrom: TrainedModel | undefined,
  terminal: Terminal,
  signal: AbortSignal,
) {
  const { keepProbability, seed = 1 } = options;
  const { data, test } = await openWithTest(source, options.test, terminal, { ...options, signal });
  const split = splitSettings(options);
  const spec = { input: data.imageShape, classes: data.classNames };
  const built = chosen.network(spec, keepProbability === undefined ? {} : { keepProbability });
  const model = options.winograd ? usingWinograd(built, terminal) : built;
  const { split: rows, leftOut } = divide(data, test, { ...split, seed });
  for (const line of describeSplit(data, rows)) terminal.out(line);
  if (leftOut.length > 0)
    terminal.note(
      `${whole(leftOut.length)} images of ${source} are left out: ${options.test} has them too (--keep-together none trains on them)`,
    );
  const optimizer = (steps: number) => optimizerOf(chosen, options, steps);
  const common = {
    ...chosen.options,
    ...settingsOf(options),
    batchSize: options.batchSize ?? chosen.batchSize,
    seed,
    split,
    ...(test && { test }),
    ...(initFrom && { initFrom }),
    signal,
  };
  const settings = options.tune
    ? { ...common, backend: await tunedBackend(model, { ...common, optimizer: optimizer(1000) }, terminal) }
    : common;
  const steps =
    options.budget === undefined
      ? lengthOf(chosen, options, rows.training.length)
      : await stepsWithin(options.budget, model, data, { ...settings, optimizer: optimizer(1000) }, terminal);
  return {
    run: train(model, data, { ...settings, steps, optimizer: optimizer(steps) }),
    classes: model.classes.length,
  };
}

/** The model with Winograd's algorithm where it pays; says which layers have it. */
function usingWinograd(model: Model, terminal: Terminal): Model {
  const changed = withWinograd(model);
  const layers = changed.layers.filter((layer) => "algorithm" in layer && layer.algorithm === "winograd");
  terminal.note(
    layers.length > 0
      ? `Winograd's algorithm for ${layers.map(({ name }) => name).join(", ")}`
      : "Winograd's algorithm is for none of these layers: it takes convolutions of 3×3 or 5×5 with strides 1, one group, 8 channels or more, and outputs enough to save a third of the multiplications",
  );
  return changed;
}

/** The recipe's optimizer, with what the command line says otherwise. */
function optimizerOf(chosen: Recipe, options: TrainCommandOptions, steps: number): OptimizerConfig {
  const { learningRate, weightDecay, weightDecayMask } = options;
  return {
    ...chosen.optimizer(steps, learningRate),
    ...(weightDecay !== undefined && { weightDecay }),
    ...(weightDecayMask !== undefined && { weightDecayMask }),
  };
}

function lengthOf(chosen: Recipe, { steps, epochs, batchSize }: TrainCommandOptions, images: number): number {
  const length = epochs === undefined ? chosen.length : { epochs };
  return steps ?? stepsOf(length, images, batchSize ?? chosen.batchSize);
}

/** The steps that fit into so many seconds, measured here. */
async function stepsWithin(
  budget: number,
  model: Model,
  data: AnyDataset,
  options: TrainOptions,
  terminal: Terminal,
): Promise<number> {
  terminal.progress("Measuring how fast this trains here");
  const { steps, stepSeconds } = await fitSteps(model, data, budget, options);
  const rate = whole(options.batchSize! / stepSeconds);
  terminal.note(`${duration(budget)} are enough for ${whole(steps)} steps here, at ${rate} images/s`);
  return steps;
}

/** Options of a training as they are on the command line. */
const settingsOf = (options: TrainCommandOptions): TrainOptions & { readonly backend: Backend } => ({
  ...(options.gradientAccumulation !== undefined && { gradientAccumulation: options.gradientAccumulation }),
  ...(options.mixup !== undefined && { mixup: options.mixup }),
  ...(options.classWeights !== undefined && { classWeights: options.classWeights }),
  ...(options.validateEvery !== undefined && { validateEvery: options.validateEvery }),
  ...(options.monitor !== undefined && { monitor: options.monitor }),
  ...earlyStoppingOf(options),
  ...(options.checkpointEvery !== undefined && { checkpointEvery: options.checkpointEvery }),
  ...(options.threads !== undefined && { threads: options.threads }),
  dropoutInValidation: options.validateWithDropout ?? false,
  backend: backend(options.backend),
});

/** The early stopping that was asked for. Throws `INVALID_ARGUMENT` where only its --min-delta was. */
export function earlyStoppingOf({ earlyStopping, minDelta }: TrainCommandOptions) {
  if (earlyStopping !== undefined)
    return { earlyStopping: { patience: earlyStopping, ...(minDelta !== undefined && { minDelta }) } };
  if (minDelta === undefined) return {};
  throw new InklingError(
    "INVALID_ARGUMENT",
    "--min-delta is of early stopping; give its patience with --early-stopping",
  );
}

/** What was asked for; the library fills in the others. */
function splitSettings({ trainingSize, validationSize, testSize, test, keepTogether }: TrainCommandOptions) {
  return {
    ...(trainingSize !== undefined && { training: trainingSize }),
    ...(validationSize !== undefined && { validation: validationSize }),
    ...(test !== undefined ? { test: 0 } : testSize !== undefined && { test: testSize }),
    ...(keepTogether !== undefined && { keepTogether }),
  };
}

/** runs/RECIPE-SOURCE-N with the first number that is free, made here so that no other process takes it. */
function freeFolder({ name }: Recipe, source: string): string {
  const stem =
    basename(source)
      .replace(/\.(tar\.gz|tgz|tar|inkling)$/, "")
      .replaceAll(/[^\w-]+/g, "-") || "data";
  for (let n = 1; ; n++) {
    const path = join("runs", `${name}-${stem}-${n}`);
    try {
      mkdirSync("runs", { recursive: true });
      mkdirSync(path);
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") return path; // making it there says why it cannot be
    }
  }
}
