import { exp, log } from "../base/math.ts";
import { answersOf, type LabeledProbabilities } from "./probabilities.ts";
import { softmaxInto } from "./softmax.ts";

/** Images of about the same confidence: a point of the reliability curve. */
export interface ReliabilityBin {
  readonly count: number;
  /** The mean confidence of the answers. */
  readonly confidence: number;
  /** The fraction of them that is right; equal to the confidence if the model is calibrated. */
  readonly accuracy: number;
}

/** How far confidence and accuracy are apart. */
export interface Calibration {
  /** The bins by increasing confidence; their sizes differ by at most 1. */
  readonly bins: readonly ReliabilityBin[];
  /** Σ_b count_b / N · |accuracy_b − confidence_b|: the expected calibration error. 0 without images. */
  readonly error: number;
}

/**
 * The calibration of a model: its answers sorted by confidence, and cut into bins of equal numbers of images, 15 by default.
 * Source: Nguyen & O'Connor, "Posterior calibration and exploratory analysis for natural language processing models",
 * EMNLP 2015, for bins of equal mass; Guo et al., "On calibration of modern neural networks", ICML 2017, for the error.
 */
export function calibrationOf(probabilities: LabeledProbabilities, bins = 15): Calibration {
  const sorted = answersOf(probabilities).toSorted((a, b) => a.confidence - b.confidence);
  const used = Math.min(bins, sorted.length);
  const found = Array.from({ length: used }, (_, b): ReliabilityBin => {
    const own = sorted.slice(Math.floor((b * sorted.length) / used), Math.floor(((b + 1) * sorted.length) / used));
    const mean = (of: (answer: (typeof own)[number]) => number) => own.reduce((sum, a) => sum + of(a), 0) / own.length;
    return {
      count: own.length,
      confidence: mean(({ confidence }) => confidence),
      accuracy: mean(({ isRight }) => Number(isRight)),
    };
  });
  const apart = found.map(({ count, confidence, accuracy }) => count * Math.abs(accuracy - confidence));
  return { bins: found, error: apart.reduce((sum, part) => sum + part, 0) / Math.max(1, sorted.length) };
}

/** Temperatures beyond these mean that all answers are right, or that the logits say nothing. */
const [COLDEST, HOTTEST] = [1 / 64, 64];

/**
 * The temperature T that minimizes the mean log loss of softmax(z / T) for logits z [N,K]: it corrects a model that is too
 * certain, or not certain enough, without changing an answer. Fit it on validation images, never on those that the model is
 * tested on.
 *
 * The loss is convex in β = 1/T, with the slope mean(Σ_k p_k z_k − z_label); bisection finds its zero. The result lies
 * between 1/64 and 64, and is 1 without images. Source: Guo et al., "On calibration of modern neural networks", ICML 2017.
 */
export function fitTemperature(logits: ArrayLike<number>, labels: ArrayLike<number>, classes: number): number {
  if (labels.length === 0) return 1;
  const p = new Float64Array(classes);
  const slope = (temperature: number): number => {
    let total = 0;
    for (let n = 0; n < labels.length; n++) {
      const first = n * classes;
      softmaxInto(p, logits, first, temperature);
      total += p.reduce((mean, share, k) => mean + share * logits[first + k]!, -logits[first + labels[n]!]!);
    }
    return total;
  };
  let [low, high] = [log(1 / HOTTEST), log(1 / COLDEST)];
  for (let k = 0; k < 40; k++) {
    const middle = (low + high) / 2;
    if (slope(exp(-middle)) > 0) high = middle;
    else low = middle;
  }
  return exp(-(low + high) / 2);
}
