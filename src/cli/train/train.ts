import { whole } from "../../base/format.ts";
import { givenParts } from "../../datasets/parts.ts";
import { type ImageShape, smallerSize } from "../../image/image.ts";
import {
  backend,
  checkOverrides,
  describeSplit,
  InklingError,
  learnPreparation,
  type Overrides,
  type TrainedModel,
  TrainingData,
  type TrainingOrigin,
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
import { createTerminal, printSummary, type Terminal } from "../terminal.ts";
import { trainingValues } from "../trainingFlags.ts";
import { followRun, requireLearning } from "./followRun.ts";
import { prepare } from "./prepare.ts";
import { trainLowering } from "./trainLowering.ts";

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
      // Who names the article's recipe gets it as it is. As the default for the letters it must learn with any seed.
      const isDefault = values.recipe === undefined && recipe.name === "lenet";
      const mayLower = isDefault && !chosenRate && overrides.learningRate === undefined;
      const start = async (change: Pick<Overrides, "learningRate">) => {
        const asked = { recipe, chosenRate, budget, tune, host, overrides: { ...overrides, ...change } };
        const { model, settings } = await prepare(asked, data, terminal, signal);
        return train(model, data, { ...settings, signal });
      };
      const result = mayLower
        ? await trainLowering(start, folder, terminal, options.log)
        : await followRun(await start({}), folder, terminal, options.log);
      showEnd(result, folder.path, terminal);
      if (options.requireLearning) requireLearning(result, folder.run!.config, terminal);
      if (options.json) printSummary(summaryOf(result, folder.path, folder.run!.config));
    });
  } finally {
    terminal.clear();
    await folder.close();
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
