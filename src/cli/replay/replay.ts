import { whole } from "../../base/format.ts";
import { backend, type TrainedModel, trainSpec, weightsSha256 } from "../../index.ts";
import { openInitial, openRun } from "../../node.ts";
import { followsValidations } from "../../optimizers/schedules/registry.ts";
import { locateData } from "../../runs/node/dataPlaces.ts";
import { gradientGroupsOf } from "../../training/spec.ts";
import { interruptible } from "../interrupt.ts";
import { checkFetching, openRunData } from "../openRunData.ts";
import { showEvent } from "../showTraining.ts";
import { createTerminal, printSummary } from "../terminal.ts";

export interface ReplayCommandOptions {
  readonly test?: string;
  readonly validation?: string;
  readonly fixes?: readonly string[];
  readonly backend?: string;
  readonly threads?: number;
  /** Whether to fetch an address that the run names. */
  readonly fetch?: boolean;
  readonly json?: boolean;
}

/** Trains a run again and compares the weights. The exit code is 1 if they differ. */
export async function replayCommand(
  path: string,
  source: string | undefined,
  options: ReplayCommandOptions,
): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  const saved = await openRun(path);
  const { config, sessions, step: steps } = saved;
  const on = backend(options.backend ?? config.backend);
  const other = sessions.find(({ arithmetic }) => arithmetic !== on.arithmetic);
  if (other)
    terminal.note(
      `The run was trained with ${other.arithmetic} arithmetic, but this machine uses ${on.arithmetic}: the weights will differ`,
    );
  const replayed = await interruptible(async (signal) => {
    const { test, validation, fixes } = options;
    const located = locateData(path, saved);
    const moved = { source, test, validation, fixes };
    await checkFetching(located.data, options.fetch, moved);
    const { data, ...separate } = await openRunData(located, moved, terminal, signal);
    const { earlyStopping: _, ...fixed } = config;
    const validateEvery = followsValidations(config.optimizer.learningRate) ? config.validateEvery : 0;
    const { threads } = options;
    const initFrom = await openInitial(path, config);
    const run = trainSpec({ ...fixed, steps, validateEvery }, data, {
      backend: on,
      signal,
      ...separate,
      ...(initFrom && { initFrom }),
      ...(threads !== undefined && { threads }),
    });
    for await (const event of run) {
      if (event.type === "progress") showEvent(event, terminal);
    }
    return run.model();
  }).finally(() => terminal.clear());
  const difference = firstDifference(saved.trained, replayed);
  terminal.out(
    difference === undefined
      ? `The weights after ${whole(steps)} steps are identical, bit for bit`
      : `The weights after ${whole(steps)} steps differ: first in ${difference}`,
  );
  if (difference !== undefined && gradientGroupsOf(config) !== undefined)
    terminal.note(
      `Earlier versions added up the gradients of a batch of ${config.batchSize} in another order; a run of theirs ends with other weights here`,
    );
  process.exitCode = difference === undefined ? 0 : 1;
  if (!options.json) return;
  const summary = {
    same: difference === undefined,
    steps,
    weightsSha256: await weightsSha256(saved.trained.weights),
    replayedSha256: await weightsSha256(replayed.weights),
    backend: on.name,
    arithmetic: on.arithmetic,
    run: path,
  };
  printSummary(summary);
}

/** The first place where the weights of two models differ in a bit. */
function firstDifference(a: TrainedModel, b: TrainedModel): string | undefined {
  for (const [name, values] of a.weights) {
    const others = b.weights.get(name)!;
    const k = values.findIndex((x, i) => !Object.is(x, others[i]));
    if (k >= 0) return `${name}, element ${k}: ${values[k]} was saved, but the replay computed ${others[k]}`;
  }
  return undefined;
}
