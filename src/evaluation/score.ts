import type { RowOutputs } from "../engine/session.ts";
import { type Interval, wilsonInterval } from "./interval.ts";

/** How well a model does on labelled images. */
export interface Score {
  /** Images. */
  readonly count: number;
  /** The share of right answers, 0 to 1, and its 95 % interval. */
  readonly accuracy: number;
  readonly interval: Interval;
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

/** A score from the outputs of some rows and their labels. */
export function scoreOf({ logits, losses, correct }: RowOutputs, labels: ArrayLike<number>, classes: number): Score {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  let [right, loss] = [0, 0];
  for (let i = 0; i < losses.length; i++) {
    const answer = argMax(logits.subarray(i * classes, (i + 1) * classes));
    confusion[labels[i]!]![answer]!++;
    right += correct[i]!;
    loss += losses[i]!;
  }
  const count = losses.length;
  return {
    count,
    accuracy: count === 0 ? 0 : right / count,
    interval: wilsonInterval(right, count),
    loss: count === 0 ? 0 : loss / count,
    confusion,
  };
}
