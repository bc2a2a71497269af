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
