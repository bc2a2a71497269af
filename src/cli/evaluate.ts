import {
  backend,
  type Dataset,
  evaluate,
  fingerprint,
  InklingError,
  type Score,
  splitDataset,
  weightsSha256,
} from "../index.ts";
import { openRun, type SavedRun } from "../node.ts";
import { openSource } from "./data.ts";
import { formatInterval, percent, whole } from "./format.ts";
import { createTerminal, type Terminal } from "./terminal.ts";

export interface EvaluateCommandOptions {
  readonly backend: string;
  readonly fixes?: readonly string[];
  readonly json?: boolean;
}

/** Scores a run on its own test images, or on every readable image of another source. */
export async function evaluateCommand(
  path: string,
  source: string | undefined,
  options: EvaluateCommandOptions,
): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  const on = backend(options.backend);
  const run = await openRun(path, on);
  const { dataset, rows, name } =
    source === undefined ? await ownTest(run, options, terminal) : await everything(source, run, options, terminal);
  const started = performance.now();
  const score = await evaluate(run.trained, dataset, { backend: on, ...(rows && { rows }) });
  const seconds = (performance.now() - started) / 1000;
  terminal.out(
    `Test accuracy: ${percent(score.accuracy)}%  (95 % interval ${formatInterval(score.interval)}, ${whole(score.count)} images of ${name})`,
  );
  for (const line of byClass(score, run.trained.model.classes)) terminal.out(line);
  if (!options.json) return;
  const { accuracy, interval, count, loss, confusion } = score;
  const summary = {
    formatVersion: 1,
    testAccuracy: accuracy,
    testInterval: interval,
    testImages: count,
    loss,
    confusion,
    imagesPerSecond: count / seconds,
    seconds,
    steps: run.step,
    backend: on.name,
    threads: 1,
    arithmetic: on.arithmetic,
    weightsSha256: await weightsSha256(run.trained.weights),
    run: path,
  };
  process.stdout.write(`${JSON.stringify(summary)}\n`);
}

interface Chosen {
  readonly dataset: Dataset;
  readonly rows?: ArrayLike<number>;
  readonly name: string;
}

/** The run's test images: a source of their own, or the split that training left out. */
async function ownTest({ config }: SavedRun, options: EvaluateCommandOptions, terminal: Terminal): Promise<Chosen> {
  const { source, test, resize, testFingerprint, fingerprint: trained } = config.data;
  const fixes = options.fixes ?? config.data.fixes;
  const name = test ?? source;
  const dataset = await openSource(name, terminal, { resize, fixes });
  if ((await fingerprint(dataset)) !== (test === undefined ? trained : testFingerprint))
    throw new InklingError(
      "INVALID_DATA",
      `${name} has changed since the run was trained; name a source to score the run on it as it is now`,
    );
  if (test !== undefined) return { dataset, name };
  const { test: rows } = splitDataset(dataset, { ...definedSizes(config.split), seed: config.seed });
  return { dataset, rows, name: `the test split of ${name}` };
}

async function everything(
  source: string,
  { config }: SavedRun,
  { fixes }: EvaluateCommandOptions,
  terminal: Terminal,
): Promise<Chosen> {
  return { dataset: await openSource(source, terminal, { resize: config.data.resize, fixes }), name: source };
}

const definedSizes = (split: SavedRun["config"]["split"]): Record<string, number> =>
  Object.fromEntries(Object.entries(split).filter((entry): entry is [string, number] => entry[1] !== undefined));

/** Each class's share of right answers, and what it is most often taken for. */
function byClass({ confusion }: Score, classes: readonly string[]): readonly string[] {
  const width = Math.max(...classes.map((name) => name.length));
  return confusion.flatMap((answers, label) => {
    const count = answers.reduce((a, b) => a + b, 0);
    if (count === 0) return [];
    const wrong = answers.map((n, answer) => ({ n: answer === label ? 0 : n, answer }));
    const worst = wrong.reduce((a, b) => (b.n > a.n ? b : a));
    const taken = worst.n > 0 ? `, most often taken for ${classes[worst.answer]} (${worst.n})` : "";
    return [
      `  ${classes[label]!.padEnd(width)}  ${percent(answers[label]! / count).padStart(5)}% of ${whole(count)}${taken}`,
    ];
  });
}
