import type { RowOutputs } from "../engine/session.ts";

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

/** How often a model is right. */
export interface Accuracy {
  /** Images. */
  readonly count: number;
  /** The share of right answers, 0 to 1, and its 95 % interval. */
  readonly accuracy: number;
  readonly interval: Interval;
}

/** How well a model does on labelled images. */
export interface Score extends Accuracy {
  /** That of the images that have no twin in training, where twins were looked for. */
  readonly withoutTwins?: Accuracy;
  /** The mean cross-entropy, in nats. */
  readonly loss: number;
  /** confusion[label][answer]: images of each class by the class that the model said. */
  readonly confusion: readonly (readonly number[])[];
}

/** The first greatest of K numbers. */
export function argMax(values: ArrayLike<number>): number {
  let best = 0;
  for (let k = 1; k < values.length; k++) if (values[k]! > values[best]!) best = k;
  return best;
}

const accuracyOf = (right: number, count: number): Accuracy => ({
  count,
  accuracy: count === 0 ? 0 : right / count,
  interval: wilsonInterval(right, count),
});

/** A score from the outputs of some rows, their labels and, where that is known, which have a twin in training. */
export function scoreOf(
  { logits, losses, correct }: RowOutputs,
  labels: ArrayLike<number>,
  classes: number,
  isTwin?: readonly boolean[],
): Score {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  let [right, loss, rightTwins] = [0, 0, 0];
  for (let i = 0; i < losses.length; i++) {
    const answer = argMax(logits.subarray(i * classes, (i + 1) * classes));
    confusion[labels[i]!]![answer]!++;
    right += correct[i]!;
    if (isTwin?.[i]) rightTwins += correct[i]!;
    loss += losses[i]!;
  }
  const count = losses.length;
  const twins = isTwin?.filter((twin) => twin).length ?? 0;
  return {
    ...accuracyOf(right, count),
    ...(isTwin && { withoutTwins: accuracyOf(right - rightTwins, count - twins) }),
    loss: count === 0 ? 0 : loss / count,
    confusion,
  };
}

/** Which of some rows are among the twins. */
export function twinsIn(rows: ArrayLike<number>, twins: ArrayLike<number>): readonly boolean[] {
  const all = new Set(Array.from(twins));
  return Array.from(rows, (row) => all.has(row));
}
