import { whole } from "../../base/format.ts";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import { backend, drawSweep, findLearningRate, type LearningRateSweep, recipeTraining } from "../../index.ts";
import { parseSweep } from "../../training/findLearningRate.ts";
import { interruptible } from "../interrupt.ts";
import { chooseRecipe } from "../loadRecipe.ts";
import { openModel } from "../openModel.ts";
import { openSource } from "../openSource.ts";
import { createTerminal, printSummary } from "../terminal.ts";
import { trainingValues } from "../trainingFlags.ts";

export interface FindLearningRateOptions {
  readonly steps?: number;
  readonly from?: number;
  readonly to?: number;
  readonly svg?: string;
  readonly png?: string;
  readonly json?: boolean;
}

/** Sweeps learning rates, suggests one, and draws the sweep. */
export async function findLearningRateCommand(source = "letters", options: FindLearningRateOptions): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  const values = trainingValues(options);
  const { initFrom, machine, overrides } = values;
  const recipe = await chooseRecipe(values, source);
  const on = backend(machine.backend);
  const first = initFrom === undefined ? undefined : await openModel(initFrom, on);
  const { steps, from, to } = options;
  parseSweep({ steps, from, to }); // before data are read, which may take long
  const given = { steps, from, to, seed: overrides.seed, threads: machine.threads, initFrom: first };
  const { batchSize, sweep } = await interruptible(async (signal) => {
    const data = await openSource(source, terminal, { ...values, inputsOf: first, signal });
    const images = { input: data.imageShape, classes: data.classNames };
    const shape = { images, trainingImages: data.labels.length };
    const { batchSize } = overrides;
    const training = recipeTraining(recipe, shape, { steps: 1000, ...(batchSize !== undefined && { batchSize }) });
    terminal.progress("Sweeping learning rates");
    const sweep = await findLearningRate(training.model, data, {
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      batchSize: training.batchSize,
      optimizer: training.optimizer,
      backend: on,
      signal,
    });
    return { batchSize: training.batchSize, sweep };
  }).finally(() => terminal.clear());
  for (const line of describe(sweep)) terminal.out(line);
  const svg = drawSweep(sweep);
  if (options.svg !== undefined) await writeFileAtomic(options.svg, svg);
  if (options.png !== undefined) await (await import("../../image/node/writePng.ts")).writeSvgAsPng(options.png, svg);
  for (const file of [options.svg, options.png]) if (file !== undefined) terminal.note(`plot of the losses: ${file}`);
  if (!options.json) return;
  printSummary({ source, recipe: recipe.name, batchSize, ...sweep });
}

/** The suggestion first, then what it is based on. */
function describe({ points, suggestion, lowest }: LearningRateSweep): readonly string[] {
  const [first, last] = [points[0]!, points.at(-1)!];
  const swept = `${whole(points.length)} steps from ${first.learningRate.toPrecision(1)} to ${last.learningRate.toPrecision(2)}`;
  const end = lowest === last.learningRate ? "; it was still falling: use a larger --to" : "";
  return [
    `Suggested learning rate: ${suggestion.toPrecision(2)} to start from, ${lowest.toPrecision(2)} at most`,
    `  ${swept}; the smoothed loss is smallest at ${lowest.toPrecision(2)}${end}`,
  ];
}
