import { exp } from "../base/math.ts";

/** How logits become probabilities: softmax(u · z), where u = (1 − a (1 − r²)) / T for a temperature T and an attenuation a. */
export interface Scaling {
  /** T: what logits are divided by before the softmax where they tell one class from all others alike. */
  readonly temperature: number;
  /**
   * a, 0 to 1: the share of the logits that is taken away where they tell no class from the others. Default: 0, the same
   * temperature for all images.
   */
  readonly attenuation?: number | undefined;
}

/** The softmax of the logits as they are. */
export const UNSCALED: Scaling = { temperature: 1 };

/** A sum of squares below this counts as it, so that equal logits divide by no zero. */
export const LEAST_SPREAD = 2 ** -100;

/**
 * How much one logit stands out, 0 to 1: r² = K/(K − 1) · (max z − mean z)² / Σ_k (z_k − mean z)², for the K logits from index
 * `first`; 0 if all are equal. r is the cosine of the angle between the logits and the one-hot vector of the answer, both
 * without their means, so r² is 1 where all other logits are equal; it always is for two classes.
 */
export function prominence(logits: ArrayLike<number>, first: number, classes: number): number {
  let [greatest, sum] = [Number.NEGATIVE_INFINITY, 0];
  for (let k = 0; k < classes; k++) {
    greatest = Math.max(greatest, logits[first + k]!);
    sum += logits[first + k]!;
  }
  const mean = sum / classes;
  let spread = 0;
  for (let k = 0; k < classes; k++) spread += (logits[first + k]! - mean) ** 2;
  const share = (greatest - mean) ** 2 / Math.max(LEAST_SPREAD, spread);
  return classes === 1 ? 0 : Math.min(1, (share * classes) / (classes - 1));
}

/**
 * Writes to the target [K] the softmax of the K logits from index `first`, each multiplied by (1 − a·(1 − r²)) / T, for a
 * temperature T and an attenuation a; r² is their {@link prominence}. By default, that of the logits as they are.
 */
export function softmaxInto(
  target: Float64Array,
  logits: ArrayLike<number>,
  first = 0,
  { temperature, attenuation = 0 }: Scaling = UNSCALED,
): void {
  const kept = attenuation === 0 ? 1 : 1 - attenuation * (1 - prominence(logits, first, target.length));
  const divisor = temperature / kept;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < target.length; k++) greatest = Math.max(greatest, logits[first + k]!);
  let sum = 0;
  for (let k = 0; k < target.length; k++) sum += target[k] = exp((logits[first + k]! - greatest) / divisor);
  for (let k = 0; k < target.length; k++) target[k]! /= sum;
}

/** Probabilities [K] from logits [K], scaled as in {@link softmaxInto}. */
export function softmax(logits: ArrayLike<number>, scaling: Scaling = UNSCALED): Float64Array {
  const probabilities = new Float64Array(logits.length);
  softmaxInto(probabilities, logits, 0, scaling);
  return probabilities;
}
