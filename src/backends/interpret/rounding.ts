import { multiplyHigh } from "../../base/philox.ts";
import type { BinaryFn, CompareFn, UnaryFn } from "../../ir/types.ts";
import { fusedMultiplyAdd } from "./fusedMultiplyAdd.ts";

/** How the interpreter rounds floats. Integers are always exact. */
export interface Rounding {
  readonly round: (x: number) => number;
  /** a·b + c */
  readonly fma: (a: number, b: number, c: number) => number;
}

/** Float32 with a fused multiply-add, as every back end computes if the processor has one. */
export const float32: Rounding = { round: Math.fround, fma: fusedMultiplyAdd };
/** Float32 with multiply-adds that round the product as well. */
export const float32MulAdd: Rounding = {
  round: Math.fround,
  fma: (a, b, c) => Math.fround(Math.fround(a * b) + c),
};
/** Float64, to measure the error of float32. */
export const float64: Rounding = { round: (x) => x, fma: (a, b, c) => a * b + c };

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The definition of each function, before rounding. */
export const unaryFns: Readonly<Record<UnaryFn, (x: number) => number>> = {
  sqrt: Math.sqrt,
  toFloat: (x) => x,
  floatFromBits: (x) => {
    bits[0] = x;
    return float[0]!;
  },
  bitsFromFloat: (x) => {
    float[0] = x;
    return bits[0]!;
  },
};

/** The definition of each function, before rounding. */
export const binaryFns: Readonly<Record<BinaryFn, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  // biome-ignore-start lint/complexity/useMathMinMax: Math.max and Math.min differ for NaN and zeros.
  max: (a, b) => (a > b ? a : b),
  min: (a, b) => (a < b ? a : b),
  // biome-ignore-end lint/complexity/useMathMinMax: see above.
  addInt: (a, b) => (a + b) >>> 0,
  mulInt: (a, b) => Math.imul(a, b) >>> 0,
  mulHigh: multiplyHigh,
  and: (a, b) => (a & b) >>> 0,
  or: (a, b) => (a | b) >>> 0,
  xor: (a, b) => (a ^ b) >>> 0,
  shiftLeft: (a, b) => (a << b) >>> 0,
  shiftRight: (a, b) => a >>> b,
};

/** The definition of each comparison. */
export const compareFns: Readonly<Record<CompareFn, (a: number, b: number) => boolean>> = {
  greater: (a, b) => a > b,
  less: (a, b) => a < b,
  equal: (a, b) => a === b,
};
