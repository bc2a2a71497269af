import type { Interval } from "../evaluation/index.ts";

/** What a list of runs shows of one. */
export interface RunSummary {
  readonly path: string;
  readonly status: string;
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
  /** When it was started, in ISO 8601; empty if it is not known. */
  readonly started: string;
  /** Accuracies of the last weights, 0 to 1; absent before its end, or without such images. */
  readonly validation?: number | undefined;
  readonly test?: { readonly accuracy: number; readonly interval: Interval } | undefined;
  readonly seconds?: number | undefined;
  readonly problem?: string | undefined;
}
