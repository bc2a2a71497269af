/**
 * The language in which ops are written: loops over named axes that store values into views, and sums of products. The
 * compiler vectorizes and tiles them, and generates machine code.
 *
 * @module inkling/ir
 */
export { plus, times } from "./ir/affine.ts";
export {
  add,
  addInt,
  and,
  bind,
  bitsFromFloat,
  block,
  constant,
  define,
  div,
  eachElement,
  elementwise,
  equal,
  fill,
  floatFromBits,
  fma,
  greater,
  indexValue,
  integer,
  less,
  load,
  loops,
  max,
  min,
  mul,
  mulHigh,
  mulInt,
  negate,
  one,
  or,
  scalar,
  select,
  shiftLeft,
  shiftRight,
  sqrt,
  store,
  sub,
  toFloat,
  xor,
  zero,
} from "./ir/build.ts";
export { type Contraction, contraction, type Nest } from "./ir/contraction.ts";
export { cos, exp, log, power, sin, tanh, wholePart } from "./ir/math.ts";
export { philoxWords, uniform, type WordValues } from "./ir/random.ts";
export type {
  Affine,
  Axis,
  BinaryFn,
  CompareFn,
  ElementType,
  FloatFn,
  IntegerFn,
  Mark,
  Ref,
  Stmt,
  UnaryFn,
  Value,
  ValueType,
  View,
} from "./ir/types.ts";
export { at, gather, register } from "./ir/view.ts";
