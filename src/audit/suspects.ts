import type { LabeledProbabilities } from "../evaluation/probabilities.ts";
import { argMax } from "../evaluation/score.ts";
import { type ConfidentJoint, labelMargin } from "./confidentLearning.ts";

/**
 * Why an image is suspected:
 *
 * - `labelError`: confident learning counts it in a class other than its label ({@link confidentJoint});
 * - `unreadable`: no class is probable, p₁ < 0.5 and p₁ + p₂ < 0.7, so that at least 0.3 is left for the others;
 * - `ambiguous`: two classes are close, the second being at least half as probable as the first, p₂ ≥ p₁ / 2.
 *
 * p₁ and p₂ are the two largest probabilities. The first kind that applies is used.
 */
export const suspectKinds = ["labelError", "unreadable", "ambiguous"] as const;
/** One of {@link suspectKinds}. */
export type SuspectKind = (typeof suspectKinds)[number];

/** An image whose label should be reviewed, by its row in the data set. */
export interface SuspectRow {
  readonly row: number;
  readonly kind: SuspectKind;
  /** The class that it appears to be: for a label error, the one it is counted in; otherwise, the most probable one. */
  readonly suggested: number;
  /** The probability of the label minus that of the most probable other class, −1 to 1. */
  readonly margin: number;
}

const UNREADABLE = { first: 0.5, both: 0.7 };
const AMBIGUOUS = 0.5;

/** Suspects ordered by kind, then by margin, lowest first: the labels most likely to be wrong. */
export function findSuspects(data: LabeledProbabilities, { counted }: ConfidentJoint): readonly SuspectRow[] {
  const { labels, probabilities, classes } = data;
  const suspects: SuspectRow[] = [];
  for (let row = 0; row < labels.length; row++) {
    const p = probabilities.subarray(row * classes, (row + 1) * classes);
    const label = labels[row]!;
    const isError = counted[row]! >= 0 && counted[row] !== label;
    const kind = isError ? "labelError" : doubtOf(p);
    if (!kind) continue;
    const suggested = isError ? counted[row]! : argMax(p);
    suspects.push({ row, kind, suggested, margin: labelMargin(p, label) });
  }
  const rank = ({ kind }: SuspectRow) => suspectKinds.indexOf(kind);
  return suspects.sort((a, b) => rank(a) - rank(b) || a.margin - b.margin || a.row - b.row);
}

function doubtOf(p: Float64Array): SuspectKind | undefined {
  const [first = 0, second = 0] = p.toSorted().reverse();
  if (first < UNREADABLE.first && first + second < UNREADABLE.both) return "unreadable";
  return second >= AMBIGUOUS * first ? "ambiguous" : undefined;
}
