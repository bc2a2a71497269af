import { log } from "../base/math.ts";
import { argMax } from "./score.ts";
import { type Scaling, softmaxInto, UNSCALED } from "./softmax.ts";

/** Labels [N] and predicted probabilities [N,K], row-major. */
export interface LabeledProbabilities {
  readonly labels: ArrayLike<number>;
  readonly probabilities: Float64Array;
  /** The number of classes, K. */
  readonly classes: number;
}

/**
 * The probabilities [N,K] of logits [N,K]: their softmax, scaled as a model is calibrated, by default as they are. A
 * temperature above 1 makes a model less certain, one below 1 more; the most probable class stays the same.
 */
export function probabilitiesOf(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  scaling: Scaling = UNSCALED,
): LabeledProbabilities {
  const probabilities = new Float64Array(labels.length * classes);
  for (let first = 0; first < probabilities.length; first += classes)
    softmaxInto(probabilities.subarray(first, first + classes), logits, first, scaling);
  return { labels, probabilities, classes };
}

/** One image's answer. */
export interface Answer {
  /** The most probable class; of equal ones, the first. */
  readonly answer: number;
  /** Its probability. */
  readonly confidence: number;
  readonly isRight: boolean;
}

/** The answer for each image, in order. */
export const answersOf = ({ labels, probabilities, classes }: LabeledProbabilities): readonly Answer[] =>
  Array.from(labels, (label, n) => {
    const answer = argMax(probabilities.subarray(n * classes, (n + 1) * classes));
    return { answer, confidence: probabilities[n * classes + answer]!, isRight: answer === label };
  });

const EPSILON = 2 ** -52;

/** Shape [N]: −ln p(label) of each image, in nats, with probabilities below 2⁻⁵² counted as that. */
export const logLosses = ({ labels, probabilities, classes }: LabeledProbabilities): Float64Array =>
  Float64Array.from(labels, (label, n) => -log(Math.max(EPSILON, probabilities[n * classes + label]!)));

/** Shape [N]: Σ_k (p_k − [k = label])² of each image. */
export const brierScores = ({ labels, probabilities, classes }: LabeledProbabilities): Float64Array =>
  Float64Array.from(labels, (label, n) => {
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += (probabilities[n * classes + k]! - (k === label ? 1 : 0)) ** 2;
    return sum;
  });

const mean = (values: Float64Array): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/**
 * The mean of −ln p(label), in nats. Probabilities below 2⁻⁵² count as that, as in scikit-learn's `log_loss` of float64.
 * 0 without images.
 */
export const logLoss = (data: LabeledProbabilities): number => mean(logLosses(data));

/**
 * The mean of Σ_k (p_k − [k = label])², from 0 to 2. 0 without images. Source: Brier, "Verification of forecasts expressed
 * in terms of probability", Monthly Weather Review 78, 1950; scikit-learn's `brier_score_loss` with `scale_by_half=False`.
 */
export const brierScore = (data: LabeledProbabilities): number => mean(brierScores(data));

/**
 * The fraction of images whose label is among the k most probable classes; of equally probable ones, the first count as
 * more probable. 0 without images.
 */
export function topKAccuracy({ labels, probabilities, classes }: LabeledProbabilities, k: number): number {
  let right = 0;
  for (let n = 0; n < labels.length; n++) {
    const own = probabilities[n * classes + labels[n]!]!;
    let before = 0;
    for (let c = 0; c < classes; c++) {
      const other = probabilities[n * classes + c]!;
      if (other > own || (other === own && c < labels[n]!)) before++;
    }
    if (before < k) right++;
  }
  return labels.length === 0 ? 0 : right / labels.length;
}
