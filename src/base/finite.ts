/**
 * Whether no value is infinite or NaN. 0 · x is NaN if x is not finite, so one sum is enough: much faster than testing each
 * value.
 */
export function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += 0 * values[i]!;
  return sum === 0;
}
