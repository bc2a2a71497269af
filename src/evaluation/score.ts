import type { RowOutputs } from "../engine/session.ts";

/** The two ends of an interval for a proportion, each from 0 to 1. */
export type Interval = readonly [low: number, high: number];

/** The 97.5th percentile of the standard normal distribution. */
const Z = 1.959963984540054;

/**
 * The 95% confidence interval for a proportion, given `right` correct answers out of `count`: Wilson's score interval,
 * which stays within [0, 1] and remains accurate near 0 and 1. [0, 1] if `count` is 0.
 *
 * Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927.
 */
export function wilsonInterval(right: number, count: number): Interval {
  if (count === 0) return [0, 1];
  const share = right / count;
  const scale = 1 + (Z * Z) / count;
  const center = (share + (Z * Z) / (2 * count)) / scale;
  const half = (Z / scale) * Math.sqrt((share * (1 - share)) / count + (Z * Z) / (4 * count * count));
  return [Math.max(0, center - half), Math.min(1, center + half)];
}

/** How often a model is correct. */
export interface Accuracy {
  /** Number of images. */
  readonly count: number;
  /** The fraction of correct answers, 0 to 1, and its 95% confidence interval. */
  readonly accuracy: number;
  readonly interval: Interval;
}

/** How well a model classifies labeled images. */
export interface Score extends Accuracy {
  /**
   * The accuracy without train/test duplicates, if these are known. The name is that of the field in `run.json` and in
   * the output of `--json`.
   */
  readonly withoutTwins?: Accuracy;
  /** The mean cross-entropy, in nats. */
  readonly loss: number;
  /** confusion[label][answer]: the number of images of each class, by the class that the model predicted. */
  readonly confusion: readonly (readonly number[])[];
}

/** The index of the largest of K numbers; of equal ones, the first. */
export function argMax(values: ArrayLike<number>): number {
  let best = 0;
  for (let k = 1; k < values.length; k++) if (values[k]! > values[best]!) best = k;
  return best;
}

/** The accuracy of `right` correct answers out of `count`, with its interval. */
export const accuracyOf = (right: number, count: number): Accuracy => ({
  count,
  accuracy: count === 0 ? 0 : right / count,
  interval: wilsonInterval(right, count),
});

/**
 * The score of N rows from the model's outputs (logits [N,K], losses [N], correct [N]) and their labels [N], where K is
 * `classes`. `isDuplicate` [N] tells which rows are train/test duplicates, if that is known.
 */
export function scoreOf(
  { logits, losses, correct }: RowOutputs,
  labels: ArrayLike<number>,
  classes: number,
  isDuplicate?: readonly boolean[],
): Score {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  let [right, loss, rightDuplicates] = [0, 0, 0];
  for (let i = 0; i < losses.length; i++) {
    const answer = argMax(logits.subarray(i * classes, (i + 1) * classes));
    confusion[labels[i]!]![answer]!++;
    right += correct[i]!;
    if (isDuplicate?.[i]) rightDuplicates += correct[i]!;
    loss += losses[i]!;
  }
  const count = losses.length;
  const duplicates = isDuplicate?.filter((duplicate) => duplicate).length ?? 0;
  return {
    ...accuracyOf(right, count),
    ...(isDuplicate && { withoutTwins: accuracyOf(right - rightDuplicates, count - duplicates) }),
    loss: count === 0 ? 0 : loss / count,
    confusion,
  };
}

/** For each row, whether it is among the given ones. */
export function isAmong(rows: ArrayLike<number>, given: ArrayLike<number>): readonly boolean[] {
  const all = new Set(Array.from(given));
  return Array.from(rows, (row) => all.has(row));
}
