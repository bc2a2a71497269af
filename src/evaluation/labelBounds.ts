import type { Answer } from "./probabilities.ts";
import { type Accuracy, accuracyOf } from "./score.ts";

/**
 * The accuracy on images whose labels are disputed, by an audit or by corrections. Both ways of counting use the same
 * answers; the truth is between the bounds if only these labels are in doubt.
 */
export interface LabelBounds {
  /** Images to which a correction gives another label, and images that it drops. */
  readonly relabeled: number;
  readonly dropped: number;
  /** With the labels as the source gives them. */
  readonly before: Accuracy;
  /** With all corrections. */
  readonly after: Accuracy;
  /** The accuracies if of all corrections only those are made that lower it, or only those that raise it. */
  readonly bounds: readonly [low: number, high: number];
}

/**
 * The accuracy before and after label corrections, from labels [N], what corrections make of them [N] (`undefined` for
 * images that they drop), and answers [N].
 *
 * Each correction changes right answers r and images n by (δ, 0) or, if it drops an image, by (−r_i, −1). Their sums over
 * any set of corrections are bounded by those that only lower, or only raise, r / n.
 */
export function labelBounds(
  labels: ArrayLike<number>,
  corrected: readonly (number | undefined)[],
  answers: readonly Pick<Answer, "answer">[],
): LabelBounds {
  let [right, fixedRight, dropped, droppedRight, relabeled, gained, lost] = [0, 0, 0, 0, 0, 0, 0];
  for (const [n, { answer }] of answers.entries()) {
    const was = Number(answer === labels[n]);
    const label = corrected[n];
    right += was;
    if (label === undefined) {
      dropped++;
      droppedRight += was;
      continue;
    }
    const is = Number(answer === label);
    fixedRight += is;
    relabeled += Number(label !== labels[n]);
    gained += Number(is > was);
    lost += Number(is < was);
  }
  const count = answers.length;
  const share = (of: number, images: number) => (images === 0 ? 0 : of / images);
  return {
    relabeled,
    dropped,
    before: accuracyOf(right, count),
    after: accuracyOf(fixedRight, count - dropped),
    bounds: [
      share(right - lost - droppedRight, count - droppedRight),
      share(right + gained, count - (dropped - droppedRight)),
    ],
  };
}
