import { exp } from "../base/math.ts";
import { prominence } from "../ops/prominence.ts";

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
