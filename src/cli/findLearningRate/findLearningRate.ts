import { FORMAT_VERSION } from "../../base/formatVersion.ts";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import { backend, drawSweep, findLearningRate, type LearningRateSweep } from "../../index.ts";
import { whole } from "../../report/format.ts";
import { interruptible } from "../interrupt.ts";
import { loadRecipe } from "../loadRecipe.ts";
import { openModel } from "../openModel.ts";
import { type OpeningOptions, openSource } from "../openSource.ts";
import { createTerminal } from "../terminal.ts";

export interface FindLearningRateOptions extends OpeningOptions {
  readonly recipe: string;
  readonly batchSize?: number;
  readonly steps?: number;
  readonly from?: number;
  readonly to?: number;
  readonly seed?: number;
  readonly initFrom?: string;
  readonly svg?: string;
  readonly png?: string;
  readonly backend?: string;
  readonly threads?: number;
  readonly json?: boolean;
}

/** Sweeps learning rates, suggests one, and draws the sweep. */
export async function findLearningRateCommand(source = "letters", options: FindLearningRateOptions): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  const recipe = await loadRecipe(options.recipe);
  const on = backend(options.backend);
  const initFrom = options.initFrom === undefined ? undefined : await openModel(options.initFrom, on);
  const { steps, from, to, seed, threads, batchSize = recipe.batchSize } = options;
  const given = { steps, from, to, seed, threads, initFrom };
  const found = await interruptible(async (signal) => {
    const data = await openSource(source, terminal, { ...options, signal });
    const model = recipe.network({ input: data.imageShape, classes: data.classNames }, {});
    terminal.progress("Sweeping learning rates");
    return findLearningRate(model, data, {
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      batchSize,
      optimizer: recipe.optimizer(1000),
      backend: on,
      signal,
    });
  }).finally(() => terminal.clear());
  for (const line of describe(found)) terminal.out(line);
  const svg = drawSweep(found);
  if (options.svg !== undefined) await writeFileAtomic(options.svg, svg);
  if (options.png !== undefined) await (await import("../../image/node/writePng.ts")).writeSvgAsPng(options.png, svg);
  if (!options.json) return;
  process.stdout.write(
    `${JSON.stringify({ formatVersion: FORMAT_VERSION, source, recipe: recipe.name, batchSize, ...found })}\n`,
  );
}

/** The suggestion first, then how it came about. */
function describe({ points, suggestion, lowest }: LearningRateSweep): readonly string[] {
  const [first, last] = [points[0]!, points.at(-1)!];
  const swept = `${whole(points.length)} steps from ${first.learningRate.toPrecision(1)} to ${last.learningRate.toPrecision(2)}`;
  const end = lowest === last.learningRate ? "; it was still falling: give a greater --to" : "";
  return [
    `Learning rate: ${suggestion.toPrecision(2)} to start from, ${lowest.toPrecision(2)} at most`,
    `  ${swept}; the smoothed loss is the smallest at ${lowest.toPrecision(2)}${end}`,
  ];
}
