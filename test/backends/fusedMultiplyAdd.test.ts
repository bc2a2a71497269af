import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fusedMultiplyAdd } from "../../src/backends/interpret/fusedMultiplyAdd.ts";

/** All float32 products are multiples of 2^-298. */
const UNIT = 298;

/** A float32, or a multiple of 2^-149, as an exact multiple of 2^-unit. */
function exact(x: number, unit: number): bigint {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, x);
  const bits = view.getUint32(0);
  const exponent = (bits >>> 23) & 0xff;
  const fraction = (bits & 0x7fffff) | (exponent === 0 ? 0 : 0x800000);
  const magnitude = BigInt(fraction) << BigInt(Math.max(exponent, 1) - 150 + unit);
  return x < 0 ? -magnitude : magnitude;
}

/** a·b + c, rounded to the nearest float32, ties to even, in integer arithmetic. */
function reference(a: number, b: number, c: number): number {
  const sum = exact(a, 149) * exact(b, 149) + exact(c, UNIT);
  if (sum === 0n) return a * b + c; // exact: only the sign of zero is at stake
  const magnitude = sum < 0n ? -sum : sum;
  const exponent = magnitude.toString(2).length - 1 - UNIT;
  const ulp = Math.max(exponent - 23, -149);
  const shift = BigInt(ulp + UNIT);
  const [quotient, rest, half] = [magnitude >> shift, magnitude & ((1n << shift) - 1n), 1n << (shift - 1n)];
  const up = rest > half || (rest === half && (quotient & 1n) === 1n);
  const rounded = Number(quotient + (up ? 1n : 0n)) * 2 ** ulp;
  return (sum < 0n ? -1 : 1) * (rounded >= 2 ** 128 ? Number.POSITIVE_INFINITY : rounded);
}

const float = fc.float({ noNaN: true, noDefaultInfinity: true });
/** Near 1, so that sums cancel and ties are common. */
const nearOne = fc.integer({ min: -(2 ** 12), max: 2 ** 12 }).map((k) => 1 + k * 2 ** -23);

describe("fused multiply-add", () => {
  it("rounds once where rounding twice is wrong", () => {
    const [a, b, c] = [2 ** -12 * (1 + 2 ** -15), 2 ** -12 * (1 - 2 ** -15), 1 + 2 ** -23];
    expect(Math.fround(a * b + c)).toBe(1 + 2 ** -22);
    expect(fusedMultiplyAdd(a, b, c)).toBe(1 + 2 ** -23);
  });

  it("does not round the product to float32", () => {
    expect(fusedMultiplyAdd(1 + 2 ** -12, 1 + 2 ** -12, -(1 + 2 ** -11))).toBe(2 ** -24);
  });

  it("is the exact sum rounded once, for all floats", () => {
    fc.assert(
      fc.property(float, float, float, (a, b, c) => {
        expect(fusedMultiplyAdd(a, b, c)).toBe(reference(a, b, c));
      }),
      { numRuns: 3000, seed: 1 },
    );
  });

  it("is the exact sum rounded once, when sums cancel or are near ties", () => {
    const tiny = fc.tuple(nearOne, fc.integer({ min: -60, max: 0 })).map(([x, e]) => x * 2 ** e);
    fc.assert(
      fc.property(tiny, nearOne, fc.boolean(), nearOne, (a, b, cancels, other) => {
        const c = cancels ? -Math.fround(a * b) : other;
        expect(fusedMultiplyAdd(a, b, c)).toBe(reference(a, b, c));
        expect(fusedMultiplyAdd(-a, b, c)).toBe(reference(-a, b, c));
      }),
      { numRuns: 3000, seed: 1 },
    );
  });

  it("passes infinities and NaN on", () => {
    const infinity = Number.POSITIVE_INFINITY;
    expect(fusedMultiplyAdd(infinity, 1, 1)).toBe(infinity);
    expect(fusedMultiplyAdd(infinity, 1, -infinity)).toBeNaN();
    expect(fusedMultiplyAdd(infinity, 0, 1)).toBeNaN();
    expect(fusedMultiplyAdd(3e38, 3e38, -infinity)).toBe(-infinity);
  });
});
