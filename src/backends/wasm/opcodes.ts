import type { CompareFn, FloatFn, IntegerFn, UnaryFn } from "../../ir/types.ts";

// https://webassembly.github.io/spec/core/binary/instructions.html

/** Types of values, blocks and functions. */
export const type = { i32: 0x7f, v128: 0x7b, empty: 0x40, function: 0x60 } as const;

/** Sections of a module. */
export const section = {
  custom: 0,
  types: 1,
  imports: 2,
  functions: 3,
  memory: 5,
  globals: 6,
  exports: 7,
  code: 10,
  data: 11,
} as const;

/** Kinds of exports. */
export const exportKind = { function: 0x00, memory: 0x02, global: 0x03 } as const;

/** Instructions. */
export const op = {
  loop: 0x03,
  end: 0x0b,
  branchIf: 0x0d,
  call: 0x10,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  f32Load: 0x2a,
  i32Load8: 0x2d,
  i32Const: 0x41,
  i32LessUnsigned: 0x49,
  f32Greater: 0x5e,
  i32Add: 0x6a,
  i32Mul: 0x6c,
  simd: 0xfd,
} as const;

/** Instructions that follow the prefix `simd`. */
export const simd = {
  load: 0x00,
  load32Splat: 0x09,
  store: 0x0b,
  constant: 0x0c,
  shuffle: 0x0d,
  splat: 0x11,
  extractLane: 0x1b,
  replaceLane: 0x1c,
  equalInt: 0x37,
  bitselect: 0x52,
  load32Lane: 0x56,
  store32Lane: 0x5a,
  load32Zero: 0x5c,
  widen8: 0x89,
  widen16: 0xa9,
  multiplyLow: 0xde,
  multiplyHigh: 0xdf,
  relaxedMultiplyAdd: 0x105,
} as const;

/** Comparisons of floats. */
export const compareOps: Readonly<Record<CompareFn, number>> = { greater: 0x44, less: 0x43, equal: 0x41 };

/** Float functions that are a single instruction; `max` and `min` take their operands in reverse order. */
export const floatOps: Readonly<Record<FloatFn, number>> = {
  add: 0xe4,
  sub: 0xe5,
  mul: 0xe6,
  div: 0xe7,
  min: 0xea,
  max: 0xeb,
};

/** Integer functions that are a single instruction. */
export const integerOps: Readonly<Record<Exclude<IntegerFn, "mulHigh">, number>> = {
  addInt: 0xae,
  mulInt: 0xb5,
  and: 0x4e,
  or: 0x50,
  xor: 0x51,
  shiftLeft: 0xab,
  shiftRight: 0xad,
};

/** Unary functions that need an instruction; the others only reinterpret bits. */
export const unaryOps: Readonly<Partial<Record<UnaryFn, number>>> = { sqrt: 0xe3, toFloat: 0xfb };
