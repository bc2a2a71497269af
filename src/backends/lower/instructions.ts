import type { Axis, BinaryFn, CompareFn, ElementType, UnaryFn, ValueType } from "../../ir/types.ts";

/**
 * What a back end renders: functions of serial loops, pointers that advance with them, and registers.
 * Unrolled and vector loops have been expanded, and memory is loaded into registers only.
 */
export interface Routine {
  readonly name: string;
  /** Kernels are exported; the routines that they call are not. */
  readonly exported: boolean;
  readonly parameters: readonly Axis[];
  /** Pointers that depend on parameters, each after its parent. They are computed on entry. */
  readonly pointers: readonly Pointer[];
  readonly body: readonly Instruction[];
}

/** An instruction of a routine. */
export type Instruction =
  | {
      readonly kind: "loop";
      readonly axis: string;
      readonly count: number;
      /** The pointers that this loop advances; they start at their parents. */
      readonly steps: readonly Pointer[];
      readonly body: readonly Instruction[];
    }
  | { readonly kind: "set"; readonly register: string; readonly value: Expression }
  | { readonly kind: "store"; readonly address: Address; readonly element: ElementType; readonly value: Expression }
  | { readonly kind: "call"; readonly routine: string; readonly values: readonly Address[] };

/**
 * An address in bytes that depends on parameters and serial loops, outermost first: the start of a
 * buffer plus Σ stride · axis. Without a buffer it is a plain number, an index.
 *
 * For a negative stride the pointer starts at the far end, so that it is never before its buffer and
 * offsets from it are never negative.
 */
export interface Pointer {
  readonly buffer?: string;
  readonly terms: readonly Term[];
  /** Identifies the pointer within its routine. */
  readonly key: string;
}
export interface Term {
  readonly axis: Axis;
  readonly stride: number;
}

/** `offset` bytes from a pointer. */
export interface Address {
  readonly pointer: Pointer;
  readonly offset: number;
  /** Adds `stride` bytes times a scalar known only at run time. */
  readonly gather?: { readonly index: Expression; readonly stride: number };
}

/** A value of `width` elements; those of a mask are all ones or all zeros. */
export type Expression = { readonly type: ValueType; readonly width: number } & (
  | { readonly kind: "const"; readonly value: number }
  | { readonly kind: "register"; readonly register: string }
  /** All elements equal to the single one of `x`. */
  | { readonly kind: "broadcast"; readonly x: Expression }
  /** `width` adjacent elements; a `u8` is widened. */
  | { readonly kind: "load"; readonly address: Address; readonly element: ElementType }
  /** Each element from its own address, offset by `stride` times an element of `index` and by `laneStride` per lane. */
  | {
      readonly kind: "gather";
      readonly address: Address;
      readonly element: ElementType;
      readonly index: Expression;
      readonly stride: number;
      readonly laneStride: number;
    }
  /** at, at + laneStride, at + 2·laneStride, … */
  | { readonly kind: "index"; readonly at: Address; readonly laneStride: number }
  | { readonly kind: "fma"; readonly a: Expression; readonly b: Expression; readonly c: Expression }
  | { readonly kind: "unary"; readonly fn: UnaryFn; readonly x: Expression }
  | { readonly kind: "binary"; readonly fn: BinaryFn; readonly a: Expression; readonly b: Expression }
  | { readonly kind: "compare"; readonly fn: CompareFn; readonly a: Expression; readonly b: Expression }
  | { readonly kind: "select"; readonly cond: Expression; readonly onTrue: Expression; readonly onFalse: Expression }
);

/** The start of a pointer relative to its parent; see `Pointer`. */
export const biasOf = ({ axis, stride }: Term): number => (stride < 0 ? -stride * (axis.extent - 1) : 0);

/** A pointer from its terms. */
export function pointerOf(buffer: string | undefined, terms: readonly Term[]): Pointer {
  const key = [buffer ?? "", ...terms.map(({ axis, stride }) => `${axis.name}*${stride}`)].join("+");
  return buffer === undefined ? { terms, key } : { buffer, terms, key };
}

/** The pointer outside the loop that advances `p`. */
export const parent = (p: Pointer): Pointer => pointerOf(p.buffer, p.terms.slice(0, -1));
