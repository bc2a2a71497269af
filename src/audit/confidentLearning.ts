/**
 * Confident learning: finds labels that are probably wrong, from out-of-sample predicted probabilities. Below, p[n, k]
 * is the probability of class k for image n, and y[n] the image's given label.
 *
 * Source: Northcutt, Jiang, Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", Journal of
 * Artificial Intelligence Research 70, 2021.
 */

import { countLabels } from "../datasets/statistics.ts";
import type { LabeledProbabilities } from "../evaluation/probabilities.ts";

/** Rounding may make the mean of equal numbers slightly larger than they are. */
const ROUNDING = 1e-6;

/** The result of confident learning: thresholds, and the class that each image is counted in. */
export interface ConfidentJoint {
  /** The probability [K] from which an image is counted in each class. Infinity for a class without images. */
  readonly thresholds: readonly number[];
  /** [K][K]: numbers of images by given label, then by the class that they are counted in. */
  readonly joint: readonly (readonly number[])[];
  /** The class [N] that each image is counted in; −1 for none. */
  readonly counted: Int32Array;
}

/**
 * The confident joint. The threshold of class j is the mean self-confidence of the images labeled j,
 *
 *     t[j] = mean of p[n, j] over all n with y[n] = j
 *
 * and an image is counted in the most probable of the classes that reach their thresholds, p[n, j] ≥ t[j], if there are
 * any. Off-diagonal entries count labels that are probably wrong. A class that the model is never sure of has a low
 * threshold, so images that are hard to classify are not mistaken for wrong labels.
 */
export function confidentJoint(data: LabeledProbabilities): ConfidentJoint {
  const { labels, probabilities, classes } = data;
  const thresholds = meanSelfConfidence(data);
  const joint = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const counted = new Int32Array(labels.length).fill(-1);
  for (let n = 0; n < labels.length; n++) {
    const p = probabilities.subarray(n * classes, (n + 1) * classes);
    let best = -1;
    for (let k = 0; k < classes; k++)
      if (p[k]! >= thresholds[k]! - ROUNDING && (best < 0 || p[k]! > p[best]!)) best = k;
    counted[n] = best;
    if (best >= 0) joint[labels[n]!]![best]!++;
  }
  return { thresholds, joint, counted };
}

function meanSelfConfidence({ labels, probabilities, classes }: LabeledProbabilities): readonly number[] {
  const sums = new Array<number>(classes).fill(0);
  for (let n = 0; n < labels.length; n++) sums[labels[n]!]! += probabilities[n * classes + labels[n]!]!;
  const counts = countLabels(labels, classes);
  return sums.map((sum, k) => (counts[k] === 0 ? Number.POSITIVE_INFINITY : sum / counts[k]!));
}

/**
 * The estimated fraction of wrong labels, 0 to 1: the sum of the off-diagonal entries of the confident joint c, after
 * scaling each row i to the number of images labeled i, divided by the number of images N,
 *
 *     Σ_i count[i] · (1 − c[i][i] / Σ_j c[i][j]) / N
 */
export function estimatedNoise({ joint }: ConfidentJoint, { labels, classes }: LabeledProbabilities): number {
  const counts = countLabels(labels, classes);
  const wrong = joint.map((row, label) => {
    const sum = row.reduce((a, b) => a + b, 0);
    return sum === 0 ? 0 : counts[label]! * (1 - row[label]! / sum);
  });
  return labels.length === 0 ? 0 : wrong.reduce((a, b) => a + b, 0) / labels.length;
}

/**
 * The margin of an image's label, from −1 to 1: its probability minus that of the most probable other class,
 * p[y] − max over k ≠ y of p[k]. The lower it is, the more likely the label is wrong.
 */
export function labelMargin(probabilities: Float64Array, label: number): number {
  let other = 0;
  for (let k = 0; k < probabilities.length; k++) if (k !== label) other = Math.max(other, probabilities[k]!);
  return probabilities[label]! - other;
}
