import { exp } from "../base/math.ts";

/**
 * Writes to the target [K] the softmax of the K logits from index `first`, divided by a temperature T, 1 by default:
 * exp((z_k − max z) / T) / Σ_i exp((z_i − max z) / T).
 */
export function softmaxInto(target: Float64Array, logits: ArrayLike<number>, first = 0, temperature = 1): void {
  let greatest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < target.length; k++) greatest = Math.max(greatest, logits[first + k]!);
  let sum = 0;
  for (let k = 0; k < target.length; k++) sum += target[k] = exp((logits[first + k]! - greatest) / temperature);
  for (let k = 0; k < target.length; k++) target[k]! /= sum;
}

/** Probabilities [K] from logits [K], at a temperature as in {@link softmaxInto}. */
export function softmax(logits: ArrayLike<number>, temperature = 1): Float64Array {
  const probabilities = new Float64Array(logits.length);
  softmaxInto(probabilities, logits, 0, temperature);
  return probabilities;
}
