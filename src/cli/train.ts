import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import {
  backend,
  describeSplit,
  fingerprint,
  type Recipe,
  recipe,
  splitDataset,
  type TrainEvent,
  type TrainResult,
  train,
} from "../index.ts";
import { createRunFolder, type RunConfig, saveRun } from "../node.ts";
import { openSource } from "./data.ts";
import { bar, duration, formatInterval, percent, whole } from "./format.ts";
import { createTerminal, type Terminal } from "./terminal.ts";

/** The options of `inkling train`, as commander gives them. */
export interface TrainCommandOptions {
  readonly recipe: string;
  readonly steps?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly keepProbability?: number;
  readonly seed: number;
  readonly backend: string;
  readonly test?: string;
  readonly resize?: [number, number];
  readonly trainingSize?: number;
  readonly validationSize?: number;
  readonly testSize?: number;
  readonly validateEvery?: number;
  readonly validateWithDropout?: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

/** Trains a recipe on a data set, prints how it goes, and saves the run. */
export async function trainCommand(source: string, options: TrainCommandOptions): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  const chosen = recipe(options.recipe);
  const on = backend(options.backend);
  const out = options.out ?? freeFolder(chosen, source);
  const abort = new AbortController();
  const stop = () => abort.abort();
  process.once("SIGINT", stop);
  try {
    const data = await openSource(source, terminal, { resize: options.resize, signal: abort.signal });
    const test =
      options.test === undefined
        ? undefined
        : await openSource(options.test, terminal, { resize: options.resize, signal: abort.signal });
    const model = chosen.network(
      { input: data.imageShape, classes: data.classNames },
      options.keepProbability === undefined ? {} : { keepProbability: options.keepProbability },
    );
    const split = splitSizes(options);
    const run = train(model, data, {
      batchSize: options.batchSize ?? chosen.batchSize,
      steps: options.steps ?? chosen.steps,
      optimizer: chosen.optimizer(options.learningRate),
      seed: options.seed,
      split,
      ...(test && { test }),
      ...(options.validateEvery !== undefined && { validateEvery: options.validateEvery }),
      dropoutInValidation: options.validateWithDropout ?? false,
      backend: on,
      signal: abort.signal,
    });
    const config: RunConfig = {
      data: {
        source,
        ...(options.test !== undefined && { test: options.test }),
        fingerprint: await fingerprint(test ?? data),
        ...(options.resize && { resize: options.resize }),
      },
      recipe: chosen.name,
      seed: options.seed,
      split,
    };
    await createRunFolder(out);
    const rows = splitDataset(data, { ...split, seed: options.seed });
    const shown = test ? { ...rows, test: Uint32Array.from(test.labels, (_, i) => i) } : rows;
    for (const line of describeSplit(data, shown)) terminal.out(line);
    const events: TrainEvent[] = [];
    for await (const event of run) {
      if (event.type !== "progress") events.push(event);
      show(event, terminal);
    }
    const result = await run.result();
    await saveRun(out, { config, trained: await run.model() }, result, events);
    finish(result, out, model.classes.length, terminal);
    if (options.json) process.stdout.write(`${JSON.stringify(summaryOf(result, out))}\n`);
  } finally {
    process.off("SIGINT", stop);
    terminal.clear();
  }
}

/** Sizes of the splits that were asked for; the library fills in the others. */
function splitSizes({ trainingSize, validationSize, testSize, test }: TrainCommandOptions) {
  return {
    ...(trainingSize !== undefined && { training: trainingSize }),
    ...(validationSize !== undefined && { validation: validationSize }),
    ...(test !== undefined ? { test: 0 } : testSize !== undefined && { test: testSize }),
  };
}

/** runs/RECIPE-SOURCE-N with the first number that is free. */
function freeFolder({ name }: Recipe, source: string): string {
  const stem =
    basename(source)
      .replace(/\.(tar\.gz|tgz|tar|inkling)$/, "")
      .replaceAll(/[^\w-]+/g, "-") || "data";
  for (let n = 1; ; n++) {
    const path = join("runs", `${name}-${stem}-${n}`);
    if (!existsSync(path)) return path;
  }
}

function show(event: TrainEvent, terminal: Terminal): void {
  switch (event.type) {
    case "start":
      terminal.note(terminal.dim(`Training on ${event.backend} (${event.arithmetic}), ${event.threads} thread`));
      return;
    case "progress": {
      const { step, steps, loss, imagesPerSecond, secondsLeft } = event;
      terminal.progress(
        `${bar(step / steps)}  step ${whole(step)} of ${whole(steps)}  loss ${loss.toFixed(3)}  ${whole(imagesPerSecond)} images/s  ${duration(secondsLeft)} left`,
      );
      return;
    }
    case "validation":
      terminal.out(`Minibatch loss at step ${event.step}: ${event.minibatchLoss.toFixed(6)}`);
      terminal.out(`Minibatch accuracy: ${percent(event.minibatchAccuracy)}%`);
      terminal.out(`Validation accuracy: ${percent(event.accuracy)}%`);
      return;
    case "end": {
      const { test } = event.result;
      if (test.count === 0) return;
      const line = `Test accuracy: ${percent(test.accuracy)}%`;
      terminal.out(
        `${terminal.bold(line)}  (95 % interval ${formatInterval(test.interval)}, ${whole(test.count)} images)`,
      );
    }
  }
}

function finish(result: TrainResult, out: string, classes: number, terminal: Terminal): void {
  const { validation, imagesPerSecond, seconds } = result;
  if (validation.loss > 0.95 * Math.log(classes))
    terminal.note(
      "The network has not learned: its loss is that of a guess. Its first steps were too large. Train again with another --seed, or with half the --learning-rate.",
    );
  terminal.note(terminal.dim(`${whole(imagesPerSecond)} images/s, ${seconds.toFixed(1)} s in all; saved in ${out}`));
}

/** What `--json` prints. */
const summaryOf = (result: TrainResult, run: string) => ({
  formatVersion: 1,
  testAccuracy: result.test.accuracy,
  testInterval: result.test.interval,
  testImages: result.test.count,
  validationAccuracy: result.validation.accuracy,
  imagesPerSecond: result.imagesPerSecond,
  seconds: result.seconds,
  steps: result.steps,
  backend: result.backend,
  threads: result.threads,
  arithmetic: result.arithmetic,
  weightsSha256: result.weightsSha256,
  run,
});
