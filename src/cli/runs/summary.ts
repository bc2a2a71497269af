import { summarize } from "../../model/summary.ts";
import { largestRate } from "../../optimizers/schedules/registry.ts";
import type { ListedRun } from "../../runs/node/listRuns.ts";

/** What a list of runs shows of one. */
export interface RunSummary {
  readonly path: string;
  readonly status: ListedRun["status"];
  /** Steps done, and those that it is to have. */
  readonly step: number;
  /** Absent if the run cannot be read, for the reason in `problem`. */
  readonly settings?: {
    readonly recipe: string | undefined;
    readonly parameters: number;
    readonly batchSize: number;
    /** The largest of its schedule. */
    readonly learningRate: number;
    readonly steps: number;
  };
  /** When it was started, in ISO 8601. */
  readonly started: string;
  /** Accuracies of the last weights, 0 to 1; absent before its end, or without such images. */
  readonly validation?: number | undefined;
  readonly test?: number | undefined;
  readonly seconds?: number | undefined;
  readonly problem?: string | undefined;
}

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
    test: result && result.test.count > 0 ? result.test.accuracy : undefined,
    seconds: result?.seconds,
  };
}

const byNumber = (value: (run: RunSummary) => number | undefined) => (a: RunSummary, b: RunSummary) =>
  (value(b) ?? Number.NEGATIVE_INFINITY) - (value(a) ?? Number.NEGATIVE_INFINITY);

/** The orders of a list of runs; runs without the number come last. */
export const orders = {
  name: (a: RunSummary, b: RunSummary) => a.path.localeCompare(b.path, "en", { numeric: true }),
  started: (a: RunSummary, b: RunSummary) => (a.started < b.started ? -1 : a.started > b.started ? 1 : 0),
  test: byNumber(({ test }) => test),
  validation: byNumber(({ validation }) => validation),
  parameters: byNumber(({ settings }) => settings?.parameters),
  steps: byNumber(({ settings }) => settings?.steps),
  time: byNumber(({ seconds }) => seconds),
} as const;
export type Order = keyof typeof orders;
