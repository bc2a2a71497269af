import { summarize } from "../../model/summary.ts";
import { largestRate } from "../../optimizers/schedules/registry.ts";
import type { RunSummary } from "../../report/runSummary.ts";
import type { ListedRun } from "../../runs/node/listRuns.ts";

/** A run, and what a list shows of it. */
export interface SummarizedRun {
  readonly run: ListedRun;
  readonly summary: RunSummary;
}

export function summaryOfRun({ path, status, step, run, problem }: ListedRun): RunSummary {
  if (!run) return { path, status, step, started: "", problem };
  const { config, sessions, result } = run;
  const { recipe, batchSize, steps, model } = config;
  return {
    path,
    status,
    step,
    settings: {
      recipe,
      parameters: summarize(model).reduce((sum, { parameters }) => sum + parameters, 0),
      batchSize,
      learningRate: largestRate(config.optimizer.learningRate, steps),
      steps,
    },
    started: sessions[0]?.started ?? "",
    validation: result && result.validation.count > 0 ? result.validation.accuracy : undefined,
    test: result && result.test.count > 0 ? result.test : undefined,
    seconds: result?.seconds,
  };
}

const byNumber = (value: (run: RunSummary) => number | undefined) => (a: RunSummary, b: RunSummary) =>
  (value(b) ?? Number.NEGATIVE_INFINITY) - (value(a) ?? Number.NEGATIVE_INFINITY);

/** The orders of a list of runs; runs without the number come last. */
export const orders = {
  name: (a: RunSummary, b: RunSummary) => a.path.localeCompare(b.path, "en", { numeric: true }),
  started: (a: RunSummary, b: RunSummary) => (a.started < b.started ? -1 : a.started > b.started ? 1 : 0),
  test: byNumber(({ test }) => test?.accuracy),
  validation: byNumber(({ validation }) => validation),
  parameters: byNumber(({ settings }) => settings?.parameters),
  steps: byNumber(({ settings }) => settings?.steps),
  time: byNumber(({ seconds }) => seconds),
} as const;
export type Order = keyof typeof orders;
