const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
/** Which of the two words holds the low bits of a double. */
const low = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 0 : 1;
const high = 1 - low;

/**
 * a·b + c of float32 numbers, rounded to float32 once; `Math.fround(a * b + c)` rounds twice.
 *
 * The product of two float32 numbers is exact in float64. Its sum with `c` is rounded to odd: an inexact sum
 * becomes the adjacent float64 number whose last bit is one. The final rounding to float32 is then correct,
 * because no such number lies halfway between two float32 numbers. Source: Boldo and Melquiond, "Emulation of
 * FMA and correctly rounded sums", 2008.
 */
export function fusedMultiplyAdd(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  const rest = sum - product;
  const error = product - (sum - rest) + (c - rest);
  // NaN if an operand or the sum is not finite, and then the sum needs no correction.
  if (error === 0 || Number.isNaN(error)) return Math.fround(sum);
  double[0] = sum;
  if ((words[low]! & 1) === 1) return Math.fround(sum);
  if (error > 0 === sum > 0) words[low]! |= 1;
  else {
    if (words[low] === 0) words[high]!--;
    words[low]!--;
  }
  return Math.fround(double[0]);
}
