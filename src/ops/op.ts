import type { Shape } from "../base/shape.ts";
import type { Nest } from "../ir/contraction.ts";
import type { Affine, ElementType, Value, View } from "../ir/types.ts";

/** Views or shapes by the name of an input, a saved value or scratch space. */
type Named<K extends string, T> = Readonly<Record<K, T>>;

/** What a random op may depend on while a program runs. */
export interface Runtime {
  /** The run's seed, a `u32`. */
  readonly seed: Value;
  /** The number of the training step, a `u32`. */
  readonly step: Value;
  /** The place in the batch of sample `n` of the nest, a `u32`. */
  readonly sample: (n: Affine) => Value;
}

/** The same in numbers, for references. */
export interface RuntimeNumbers {
  readonly seed: number;
  readonly step: number;
}

/** A case that every back end is tested on; inputs are drawn at random, in [−1, 1) and up to ±30, unless given. */
export interface Sample<I extends string, A> {
  readonly shapes: Named<I, Shape>;
  readonly attrs: A;
  readonly values?: Partial<Named<I, readonly number[]>>;
  /**
   * The gradient where dy = 1, 2, 3, …, in row-major order. Needed where the values are at a kink of y,
   * such as a tie of a maximum: finite differences say nothing there.
   */
  readonly gradient?: Partial<Named<I, readonly number[]>>;
}

/** A case that `infer` must refuse, and what its message must say. */
export interface Rejected<I extends string, A> extends Sample<I, A> {
  readonly message: string;
}

/** Writes `dx`, the vector-Jacobian product dyᵀ·∂y/∂x, which holds garbage on entry. */
export type Backward<K extends string, A> = (
  t: Named<K, View>,
  y: View,
  dy: View,
  dx: View,
  attrs: A,
) => readonly Nest[];

/**
 * An op is everything that the compiler, the tests and the docs need to know, in one record.
 *
 * Axis 0 of x, y and every other value of samples is n, the samples; parameters have no such axis. A
 * nest must treat its samples alike and apart: nothing but a contraction may sum over n, and no nest may
 * take the extent of n for the batch's size, since it sees the samples of one tile.
 */
export interface Op<I extends string = string, A = unknown, S extends string = string, T extends string = string> {
  readonly name: string;
  readonly inputs: readonly I[];
  /** Inputs that are not `f32`, such as class numbers. */
  readonly types?: Partial<Named<I, ElementType>>;
  /** The type of y, if not `f32`. */
  readonly outputType?: ElementType;
  /** `batch`: y has no samples; it is contractions over all of them, or made of values of the batch, without an axis n. */
  readonly output?: "sample" | "batch";
  /** The shape of y. Throws `INVALID_SHAPE` naming the op, the quantity, what it got and expected. */
  infer(shapes: Named<I, Shape>, attrs: A): Shape;
  /** Values of samples that forward keeps for backward, by shape. */
  saves?(shapes: Named<I, Shape>, attrs: A): Named<S, Shape>;
  /** Space that forward, or one backward rule, may use while it runs, by shape. */
  scratch?(shapes: Named<I, Shape>, attrs: A): Named<T, Shape>;
  /** Writes y and every saved view, all of which hold garbage on entry. */
  forward(t: Named<I | S | T, View>, y: View, attrs: A, runtime: Runtime): readonly Nest[];
  /**
   * A rule for every input: `null` where y has no slope along it, as for integers; `constant` where it has, but the
   * input is taken as a constant, such as the weights of losses; `identity` where dx is dy itself.
   */
  readonly backward: { readonly [K in I]: null | "constant" | "identity" | Backward<I | S | T, A> };
  /** The definition in plain loops over float64: slow, obvious, and independent of the IR. */
  reference(
    t: Named<I, Float64Array>,
    shapes: Named<I, Shape>,
    y: Float64Array,
    yShape: Shape,
    attrs: A,
    runtime: RuntimeNumbers,
  ): void;
  /** y is a sum of products of inputs: its error is bounded relative to the sum of their magnitudes. */
  readonly multilinear?: boolean;
  /** y is a difference of multiples of its input, so that much may cancel: its error is bounded relative to its largest value. */
  readonly cancels?: boolean;
  readonly samples: readonly Sample<I, A>[];
  readonly rejects?: readonly Rejected<I, A>[];
  /** One more sample, of whole numbers picked at random; `pick` includes both ends. */
  draw?(pick: (from: number, to: number) => number): Sample<I, A>;
}

/** Identity at run time; at compile time it infers the input names and checks `backward` against them. */
export const defineOp =
  <A = Record<string, never>>() =>
  <const I extends string, const S extends string = never, const T extends string = never>(
    op: Op<I, A, S, T>,
  ): Op<I, A, S, T> =>
    op;
