import type { Shape } from "../base/shape.ts";

/**
 * Loop IR: ops are written in it, and back ends compile it.
 *
 * A program is loops over named axes around stores of scalar values into views, whose indices are
 * affine in the axes. The interpreter defines its semantics. A schedule marks, splits, reorders and
 * outlines loops; it never changes what a program computes.
 */

/** A loop variable: 0, 1, …, extent − 1. Names are unique along each path of nested loops. */
export interface Axis {
  readonly name: string;
  readonly extent: number;
}

/** offset + Σ scale[axis] · axis. */
export interface Affine {
  readonly offset: number;
  readonly scale: Readonly<Record<string, number>>;
}

/** The type of an element in memory. A `u8` is widened to `u32` when it is loaded. */
export type ElementType = "f32" | "u32" | "u8";
/** The type of a value: a number, or the result of a comparison, which only `select` takes. */
export type ValueType = "f32" | "u32" | "mask";

/**
 * A window on a named buffer: row-major elements with a halo of zeros around each axis.
 *
 * An index may point into the halo, never beyond it. `origin`, in elements, moves the window along axes
 * outside the nest, for example to the samples of one tile in a buffer for the whole batch.
 */
export interface View {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
  /** The number of zeros before and after each axis. */
  readonly halo: readonly (readonly [before: number, after: number])[];
  readonly origin: Affine;
  /** A `register` view is private to the kernel; its indices are constant once loops are unrolled. */
  readonly space: "memory" | "register";
}

/** One element of a view: an affine index for each axis; `gather` is added to the first. */
export interface Ref {
  readonly view: View;
  readonly index: readonly Affine[];
  /** A `u32` value known only at run time, such as the row of a shuffled data set. */
  readonly gather?: Value;
}

/** Float: square root. Integer to float (exact below 2^24), and the same 32 bits as the other type. */
export type UnaryFn = "sqrt" | "toFloat" | "floatFromBits" | "bitsFromFloat";
/** `max` is a > b ? a : b and `min` is a < b ? a : b, in this order of operands, also for NaN and ±0. */
export type FloatFn = "add" | "sub" | "mul" | "div" | "max" | "min";
/** Unsigned 32-bit arithmetic modulo 2^32; `mulHigh` is the high half of the 64-bit product. */
export type IntegerFn = "addInt" | "mulInt" | "mulHigh" | "and" | "or" | "xor" | "shiftLeft" | "shiftRight";
/** Functions of two floats, or of two integers. */
export type BinaryFn = FloatFn | IntegerFn;
/** Comparisons of two floats, or (equal only) of two integers. With a NaN all are false. */
export type CompareFn = "greater" | "less" | "equal";

/** An expression over constants and elements. */
export type Value =
  | { readonly kind: "const"; readonly type: "f32" | "u32"; readonly value: number }
  | { readonly kind: "load"; readonly ref: Ref }
  /** An affine index as a `u32`. */
  | { readonly kind: "index"; readonly at: Affine }
  /** a·b + c with one rounding. */
  | { readonly kind: "fma"; readonly a: Value; readonly b: Value; readonly c: Value }
  | { readonly kind: "unary"; readonly fn: UnaryFn; readonly x: Value }
  | { readonly kind: "binary"; readonly fn: BinaryFn; readonly a: Value; readonly b: Value }
  | { readonly kind: "compare"; readonly fn: CompareFn; readonly a: Value; readonly b: Value }
  /** Both branches are evaluated. */
  | { readonly kind: "select"; readonly cond: Value; readonly onTrue: Value; readonly onFalse: Value }
  | { readonly kind: "let"; readonly name: string; readonly value: Value; readonly body: Value }
  | { readonly kind: "variable"; readonly name: string; readonly type: ValueType };

/** How a loop is rendered, never what it means. */
export type Mark = "serial" | "unrolled" | "vector";

/** The body of a kernel: loops around stores. */
export type Stmt =
  | { readonly kind: "loop"; readonly axis: Axis; readonly mark: Mark; readonly body: Stmt }
  | { readonly kind: "store"; readonly ref: Ref; readonly value: Value }
  | { readonly kind: "let"; readonly name: string; readonly value: Value; readonly body: Stmt }
  | { readonly kind: "block"; readonly body: readonly Stmt[] }
  /** The body, outlined into a function whose parameters are the outer axes that it reads. */
  | { readonly kind: "call"; readonly name: string; readonly body: Stmt };

/** A function that a back end compiles: `axes` are its parameters, bound by the caller. */
export interface Kernel {
  readonly name: string;
  readonly axes: readonly Axis[];
  readonly body: Stmt;
}

/** The byte offset of each buffer in the memory of a program; for a buffer in the arenas, its offset in the first one. */
export interface Layout {
  readonly bytes: number;
  readonly offsets: ReadonlyMap<string, number>;
}
