import { exp } from "../base/math.ts";

/** Probabilities from logits: exp(x − max) over their sum. */
export function softmax(logits: Float32Array): readonly number[] {
  const greatest = Math.max(...logits);
  const powers = Array.from(logits, (x) => exp(x - greatest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((p) => p / sum);
}
