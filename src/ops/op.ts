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
  /** The index in the batch of sample `n` of the nest, a `u32`. */
  readonly sample: (n: Affine) => Value;
}

/** The same as plain numbers, for references. */
export interface RuntimeNumbers {
  readonly seed: number;
  readonly step: number;
}

/** A test case for every back end. Inputs that are not given are drawn at random, once in [−1, 1) and once up to ±30. */
export interface Sample<I extends string, A> {
  readonly shapes: Named<I, Shape>;
  readonly attrs: A;
  readonly values?: Partial<Named<I, readonly number[]>>;
  /**
   * The gradient for dy = 1, 2, 3, …, in row-major order. Needed if the values are at a kink of y, such as a
   * tie of a maximum, where finite differences are meaningless.
   */
  readonly gradient?: Partial<Named<I, readonly number[]>>;
}

/** A case that `infer` must reject, and the exact message of its error. */
export interface Rejected<I extends string, A> extends Sample<I, A> {
  readonly message: string;
}

/** Writes the vector-Jacobian product dyᵀ·∂y/∂x to `dx`, which holds garbage on entry. */
export type Backward<K extends string, A> = (
  t: Named<K, View>,
  y: View,
  dy: View,
  dx: View,
  attrs: A,
) => readonly Nest[];

/**
 * An op: everything that the compiler and the tests need to know about it, in one record.
 *
 * Axis 0 of x, y and every other value of samples is n, the samples; parameters have no such axis. A nest
 * must treat all samples alike and independently: only a contraction may sum over n, and no nest may take
 * the extent of n for the batch size, since it sees the samples of one tile.
 */
export interface Op<I extends string = string, A = unknown, S extends string = string, T extends string = string> {
  readonly name: string;
  readonly inputs: readonly I[];
  /** Inputs that are not `f32`, such as class numbers. */
  readonly types?: Partial<Named<I, ElementType>>;
  /** The type of y, if not `f32`. */
  readonly outputType?: ElementType;
  /** `batch`: y has no axis n; it is summed over all samples by contractions, or computed from values of the batch alone. Default: `sample`. */
  readonly output?: "sample" | "batch";
  /** The shape of y. Throws `INVALID_SHAPE` or `INVALID_ARGUMENT` with the op, the quantity, its value and what was expected. */
  infer(shapes: Named<I, Shape>, attrs: A): Shape;
  /** Values of samples that forward keeps for backward, by shape. */
  saves?(shapes: Named<I, Shape>, attrs: A): Named<S, Shape>;
  /** Temporary space that forward, or one backward rule, may use while it runs, by shape. */
  scratch?(shapes: Named<I, Shape>, attrs: A): Named<T, Shape>;
  /** Writes y and every saved view, all of which hold garbage on entry. */
  forward(t: Named<I | S | T, View>, y: View, attrs: A, runtime: Runtime): readonly Nest[];
  /**
   * A rule for every input: `null` if y has no slope along it, as for integers; `constant` if it has one, but the
   * input is treated as a constant, such as the weights of losses; `identity` if dx is dy itself.
   */
  readonly backward: { readonly [K in I]: null | "constant" | "identity" | Backward<I | S | T, A> };
  /** The definition as plain loops over float64: slow, obvious, and independent of the IR. */
  reference(
    t: Named<I, Float64Array>,
    shapes: Named<I, Shape>,
    y: Float64Array,
    yShape: Shape,
    attrs: A,
    runtime: RuntimeNumbers,
  ): void;
  /** Whether y is a sum of products of inputs, so that its error is bounded relative to the sum of their magnitudes. */
  readonly multilinear?: boolean;
  /** Whether y is a difference of multiples of its input, where much may cancel, so that its error is bounded relative to its largest value. */
  readonly cancels?: boolean;
  readonly samples: readonly Sample<I, A>[];
  readonly rejects?: readonly Rejected<I, A>[];
  /** A random sample, from integers that `pick` draws; both ends are included. */
  draw?(pick: (from: number, to: number) => number): Sample<I, A>;
}

/** Returns the record unchanged; TypeScript infers the names of the inputs and checks `backward` against them. */
export const defineOp =
  <A = Record<string, never>>() =>
  <const I extends string, const S extends string = never, const T extends string = never>(
    op: Op<I, A, S, T>,
  ): Op<I, A, S, T> =>
    op;
