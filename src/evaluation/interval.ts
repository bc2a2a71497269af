/** The two ends of an interval of shares, each from 0 to 1. */
export type Interval = readonly [low: number, high: number];

/** 97.5 % of a standard normal lie below this. */
const Z = 1.959963984540054;

/**
 * The 95 % interval of a share, from `right` right answers of `count`: Wilson's score interval, which stays
 * within [0, 1] and holds near 0 and 1. (0, 1) where nothing was counted.
 *
 * Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927.
 */
export function wilsonInterval(right: number, count: number): Interval {
  if (count === 0) return [0, 1];
  const share = right / count;
  const scale = 1 + (Z * Z) / count;
  const centre = (share + (Z * Z) / (2 * count)) / scale;
  const half = (Z / scale) * Math.sqrt((share * (1 - share)) / count + (Z * Z) / (4 * count * count));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}
