import { InklingError } from "../base/error.ts";
import { below, philox, purposes } from "../base/philox.ts";
import type { Interval } from "./score.ts";

/** How to bootstrap. */
export interface BootstrapOptions {
  /** Resamples. Default: 1000. */
  readonly resamples?: number;
  /** The probability that the interval contains the true value. Default: 0.95. */
  readonly level?: number;
  /** Default: 1. */
  readonly seed?: number;
}

/** The most images, and the most resamples of them. */
const MOST = 2 ** 27;

/**
 * A confidence interval for a statistic of images: the percentiles of its values on resamples. Source: Efron, "Nonparametric
 * standard errors and confidence intervals", Canadian Journal of Statistics 9, 1981. Throws `INVALID_ARGUMENT` for a number of images or resamples that is not whole,
 * negative, or above 2²⁷.
 */
export function bootstrapInterval(
  count: number,
  statistic: (rows: Uint32Array) => number,
  options: BootstrapOptions = {},
): Interval {
  return bootstrapIntervals(count, (rows) => [statistic(rows)], options)[0]!;
}

/** The interval of {@link bootstrapInterval} for each of several statistics, on the same resamples. */
export function bootstrapIntervals(
  count: number,
  statistics: (rows: Uint32Array) => readonly number[],
  options: BootstrapOptions = {},
): readonly Interval[] {
  const found = bootstrapValues(count, statistics, options);
  return found[0]!.map((_, s) =>
    percentileInterval(Float64Array.from(found, (values) => values[s]!).sort(), options.level),
  );
}

/**
 * The values of statistics on random resamples: each draws `count` of the images with replacement, by Philox, so that the same
 * seed gives the same values everywhere.
 */
export function bootstrapValues<T>(
  count: number,
  statistics: (rows: Uint32Array) => T,
  { resamples = 1000, seed = 1 }: BootstrapOptions = {},
): readonly T[] {
  const limits = [
    ["the number of images", count, 0],
    ["resamples", resamples, 1],
  ] as const;
  for (const [name, number, least] of limits)
    if (!(Number.isInteger(number) && number >= least && number <= MOST))
      throw new InklingError(
        "INVALID_ARGUMENT",
        `bootstrap: ${name} is ${number}, expected a whole number from ${least} to ${MOST}`,
      );
  const rows = new Uint32Array(count);
  const key = [seed >>> 0, purposes.bootstrap] as const;
  return Array.from({ length: resamples }, (_, b) => {
    for (let i = 0; i < count; i += 4) {
      const words = philox(key, [i / 4, b, 0, 0]);
      for (let k = 0; k < 4 && i + k < count; k++) rows[i + k] = below(words[k]!, count);
    }
    return statistics(rows);
  });
}

/** The interval between the percentiles of sorted values that leave out (1 − level) / 2 on each side. Default level: 0.95. */
export function percentileInterval(sorted: Float64Array, level = 0.95): Interval {
  const tail = (1 - level) / 2;
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  return [at(tail), at(1 - tail)];
}
