import { duration, whole } from "../../base/format.ts";
import { givenParts } from "../../datasets/parts.ts";
import { type ImageShape, smallerSize } from "../../image/image.ts";
import {
  type Backend,
  backend,
  checkOverrides,
  chooseLearningRate,
  describeSplit,
  fitSteps,
  InklingError,
  learnPreparation,
  type Model,
  type Overrides,
  type Recipe,
  type RecipeTraining,
  recipeTraining,
  TRIAL_STEPS,
  type TrainEvent,
  type TrainedModel,
  TrainingData,
  type TrainingOrigin,
  type TrainOptions,
  type TrainResult,
  train,
} from "../../index.ts";
import { createRun } from "../../node.ts";
import { describePreparation } from "../../pictures/preparation.ts";
import { describeSizes } from "../../report/trainingTable.ts";
import { freeFolder } from "../../runs/node/freeFolder.ts";
import { interruptible } from "../interrupt.ts";
import { chooseRecipe } from "../loadRecipe.ts";
import { openModel } from "../openModel.ts";
import { openSets } from "../openSource.ts";
import { type LogForm, showEnd, summaryOf } from "../showTraining.ts";
import { createTerminal, type Terminal } from "../terminal.ts";
import { trainingValues } from "../trainingFlags.ts";
import { followRun, requireLearning } from "./followRun.ts";
import { tunedBackend } from "./tune.ts";

/** The options of `inkling train` other than those of a training. */
export interface TrainCommandOptions {
  readonly out?: string;
  readonly extend?: number;
  readonly force?: boolean;
  /** With a resumed run: whether to fetch an address that it names. */
  readonly fetch?: boolean;
  readonly tune?: boolean;
  readonly log: LogForm;
  readonly json?: boolean;
  readonly requireLearning?: boolean;
}

/** Learning rates that take the place of the article's 0.1 where the network does not learn with it; see docs/seed.md. */
const LOWER_RATES = [0.05, 0.025] as const;

/** Trains a recipe on a data set (`letters` by default), prints its progress, and saves the run. */
export async function trainCommand(source = "letters", options: TrainCommandOptions): Promise<void> {
  for (const name of ["extend", "force", "fetch"] as const)
    if (options[name] !== undefined)
      throw new InklingError("INVALID_ARGUMENT", `--${name} applies to an existing run; specify it with --resume`);
  const terminal = createTerminal({ json: options.json ?? false });
  const values = trainingValues(options);
  const { recipe: _, machine, overrides, ...given } = values;
  const { budget, chosenRate, initFrom } = given;
  // Check names and paths before creating a folder and reading data.
  checkOverrides(overrides);
  const recipe = await chooseRecipe(values, source);
  const on = backend(machine.backend);
  const host = {
    ...machine,
    backend: on,
    ...(initFrom !== undefined && { initFrom: await openModel(initFrom, on) }),
  };
  const origin: TrainingOrigin = { source, ...given, recipe: recipe.name };
  const folder = await createRun(options.out ?? (await freeFolder("runs", recipe, source)), origin);
  try {
    await interruptible(async (signal) => {
      const data = await openDivided(origin, host.initFrom, overrides, options.log, terminal, signal);
      const { dataset } = data;
      noteSize(dataset.imageShape, terminal);
      terminal.note(terminal.dim(describePreparation(learnPreparation(dataset), dataset.imageShape)));
      const { tune = false } = options;
      const asked = { recipe, chosenRate, budget, tune, host };
      // Who names the article's recipe gets it as it is. As the default for the letters it must learn with any seed.
      const isDefault = values.recipe === undefined && recipe.name === "lenet";
      const lower = isDefault && !chosenRate && overrides.learningRate === undefined ? [...LOWER_RATES] : [];
      const trainAt = async (rate: Overrides): Promise<TrainResult> => {
        const { model, settings } = await prepare({ ...asked, overrides: rate }, data, terminal, signal);
        const run = train(model, data, { ...settings, signal });
        try {
          return await followRun(lower.length > 0 ? untilGuessing(run) : run, folder, terminal, options.log);
        } catch (error) {
          if (!(error instanceof NotLearning)) throw error;
          const learningRate = lower.shift()!;
          terminal.note(`${error.message}; training starts again with a learning rate of ${learningRate}`);
          await folder.discard();
          return trainAt({ ...overrides, learningRate });
        }
      };
      const result = await trainAt(overrides);
      showEnd(result, folder.path, terminal);
      if (options.requireLearning) requireLearning(result, folder.run!.config, terminal);
      if (options.json) process.stdout.write(`${JSON.stringify(summaryOf(result, folder.path, folder.run!.config))}\n`);
    });
  } finally {
    terminal.clear();
    await folder.close();
  }
}

/** A training that was stopped because it does not learn. */
class NotLearning extends Error {}

/** The events of a training. Throws {@link NotLearning} once it turns out to be no better than guessing. */
async function* untilGuessing(events: AsyncIterable<TrainEvent>): AsyncGenerator<TrainEvent> {
  for await (const event of events) {
    if (event.type === "learning" && event.status === "guessing")
      throw new NotLearning("The network does not learn with this seed and the learning rate of the recipe");
    yield event;
  }
}

/** Opens and splits the data, and prints the split. */
async function openDivided(
  origin: TrainingOrigin,
  inputsOf: TrainedModel | undefined,
  { seed, split }: Overrides,
  log: LogForm,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<TrainingData> {
  const { source, test, validation } = origin;
  const { data, ...separate } = await openSets(origin, terminal, { ...origin, inputsOf, signal });
  const divided = new TrainingData(data, {
    ...(seed !== undefined && { seed }),
    ...(split && { split }),
    ...separate,
  });
  const { split: rows, leftOut, replaced } = divided.division;
  for (const line of log === "article" ? describeSplit(data, rows) : [describeSizes(data, rows)]) terminal.out(line);
  const apart = [...new Set([test, validation].filter((name) => name !== undefined))].join(" or ");
  if (split?.by === "seed" && data.parts) terminal.note(`The split that ${source} gives is ignored: --split-by seed`);
  for (const [name, set, part] of [
    [test, separate.test, "test"],
    [validation, separate.validation, "validation"],
  ] as const) {
    const others = set && givenParts(set).includes(part) ? givenParts(set).filter((own) => own !== part) : [];
    if (others.length > 0)
      terminal.note(
        `All of ${name} is used for the ${part}, its ${others.join(" and ")} part too; ${name}#${part} is that part alone`,
      );
  }
  if (leftOut.length > 0)
    terminal.note(
      `${whole(leftOut.length)} images of ${source} are left out because ${apart} also contains them (--keep-together none trains on them)`,
    );
  if (replaced.length > 0)
    terminal.note(
      `${whole(replaced.length)} images that ${source} gives for the test or validation are not used: ${apart} is used instead`,
    );
  return divided;
}

/** Images of more pixels take long: a training on a processor is usually for small ones. */
const LARGE = 256 ** 2;

/** Proposes a size for large images. */
function noteSize([height, width]: ImageShape, terminal: Terminal): void {
  if (height * width <= LARGE) return;
  const [h, w] = smallerSize([height, width]);
  const times = whole((height * width) / (h * w));
  terminal.note(
    `Note: images of ${height}×${width} pixels train slowly; --resize ${h}x${w} leaves ${times} times fewer pixels`,
  );
}

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
async function prepare(
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
