import { bootstrapIntervals } from "./bootstrap.ts";
import type { Interval } from "./score.ts";

/** A number from images, and its 95% confidence interval. */
export interface Estimate {
  readonly value: number;
  readonly interval: Interval;
}

/**
 * Numbers of `count` images, each with the bootstrap interval of the statistic that it is the value of; without images, the
 * interval is the number itself.
 */
export function estimates(
  values: readonly number[],
  count: number,
  statistics: (rows: Uint32Array) => readonly number[],
): readonly Estimate[] {
  const intervals = count === 0 ? undefined : bootstrapIntervals(count, statistics);
  return values.map((value, i) => ({ value, interval: intervals?.[i] ?? [value, value] }));
}
