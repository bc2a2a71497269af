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

/**
 * The values of a statistic of `count` images on random resamples of them, sorted: each resample draws `count` of the images
 * with replacement, by Philox, so that the same seed gives the same values everywhere.
 */
function bootstrap(
  count: number,
  statistic: (rows: Uint32Array) => number,
  { resamples = 1000, seed = 1 }: BootstrapOptions = {},
): Float64Array {
  const rows = new Uint32Array(count);
  const key = [seed >>> 0, purposes.bootstrap] as const;
  return Float64Array.from({ length: resamples }, (_, b) => {
    for (let i = 0; i < count; i += 4) {
      const words = philox(key, [i / 4, b, 0, 0]);
      for (let k = 0; k < 4 && i + k < count; k++) rows[i + k] = below(words[k]!, count);
    }
    return statistic(rows);
  }).sort();
}

/**
 * A confidence interval for a statistic of images: the percentiles of its values on resamples. Source: Efron, "Nonparametric
 * standard errors and confidence intervals", Canadian Journal of Statistics 9, 1981.
 */
export function bootstrapInterval(
  count: number,
  statistic: (rows: Uint32Array) => number,
  options: BootstrapOptions = {},
): Interval {
  const values = bootstrap(count, statistic, options);
  const tail = (1 - (options.level ?? 0.95)) / 2;
  const at = (share: number): number => values[Math.min(values.length - 1, Math.floor(share * values.length))]!;
  return [at(tail), at(1 - tail)];
}
