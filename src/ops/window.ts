import { InklingError } from "../base/error.ts";
import { shapeError } from "../base/shape.ts";
import { plus, times } from "../ir/affine.ts";
import type { Affine } from "../ir/types.ts";

/** Padding as in TensorFlow: "same" keeps ⌈input / stride⌉ outputs, "valid" adds none. */
export type Padding = "same" | "valid";

/** A sliding window along one spatial axis. */
export interface Window {
  /** Extents of the input, the window and the output. */
  readonly input: number;
  readonly size: number;
  readonly output: number;
  readonly stride: number;
  /** The padding before the start of the input; the rest of the padding is after its end. */
  readonly before: number;
}

/**
 * The output extent and padding of a window, as defined by TensorFlow:
 *
 *   same:  output = ⌈input / stride⌉, padded by max((output − 1)·stride + size − input, 0), one more at the end if odd
 *   valid: output = ⌈(input − size + 1) / stride⌉, not padded
 *
 * Throws `INVALID_SHAPE` or `INVALID_ARGUMENT` if the sizes or the padding are invalid. Source:
 * https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2
 */
export function slide(op: string, axis: string, input: number, size: number, stride: number, padding: Padding): Window {
  for (const [what, value] of [
    ["kernel size", size],
    ["stride", stride],
  ] as const)
    if (!Number.isInteger(value) || value < 1)
      throw shapeError(op, `${what} along the ${axis}`, value, "a whole number of at least 1");
  if (padding === "same") {
    const output = Math.ceil(input / stride);
    const padded = Math.max((output - 1) * stride + size - input, 0);
    return { input, size, output, stride, before: Math.floor(padded / 2) };
  }
  if (padding !== "valid")
    throw new InklingError("INVALID_ARGUMENT", `${op}: padding is ${padding}, expected "same" or "valid"`);
  if (size > input)
    throw shapeError(op, `kernel size along the ${axis}`, size, `at most ${input} with padding "valid"`);
  return { input, size, output: Math.ceil((input - size + 1) / stride), stride, before: 0 };
}

/** The input index that output r reads at tap u; outside the input there are zeros. */
export const read = (window: Window, r: Affine, u: Affine | number) => plus(times(r, window.stride), u, -window.before);

/**
 * The inputs stride·i + phase along one axis, for each phase; their gradients involve the same taps:
 *
 *   stride·r + u − before = stride·i + phase   ⇔   u = first + stride·t, r = i + shift − t
 */
export function phasesOf({ input, size, stride, before }: Window) {
  return Array.from({ length: Math.min(stride, input) }, (_, phase) => {
    const first = (phase + before) % stride;
    const taps = Math.max(0, Math.ceil((size - first) / stride));
    const shift = (phase + before - first) / stride;
    return {
      count: Math.ceil((input - phase) / stride),
      taps,
      input: (i: Affine) => plus(times(i, stride), phase),
      // t runs backwards, so that dy is read forwards.
      output: (i: Affine, t: Affine) => plus(i, t, shift - taps + 1),
      tap: (t: Affine) => plus(first + stride * (taps - 1), times(t, -stride)),
    };
  });
}

/** A run of consecutive outputs (or cells) with the same taps (or elements) inside the input. */
export interface Taps {
  /** The first output (or cell), and how many in a row share this range. */
  readonly start: number;
  readonly count: number;
  /** The first tap (or element) inside the input, and the one after the last. */
  readonly from: number;
  readonly to: number;
}

/** Groups consecutive equal ranges into runs. */
function runsOf(ranges: readonly (readonly [from: number, to: number])[]): readonly Taps[] {
  const runs: Taps[] = [];
  for (const [start, [from, to]] of ranges.entries()) {
    const last = runs.at(-1);
    if (last?.from === from && last.to === to) runs[runs.length - 1] = { ...last, count: last.count + 1 };
    else runs.push({ start, count: 1, from, to });
  }
  return runs;
}

/** Runs of outputs whose windows have the same taps inside the input: the interior, and the borders separately. */
export const tapsOf = ({ input, size, output, stride, before }: Window): readonly Taps[] =>
  runsOf(
    range(0, output).map((r) => {
      const corner = r * stride - before;
      return [Math.max(0, -corner), Math.min(size, input - corner)];
    }),
  );

/** Runs of cells of `stride` elements each, starting at the first window; their elements `from` to `to` are inside the input. */
export const cellRuns = ({ input, stride, before }: Window): readonly Taps[] =>
  runsOf(
    range(0, Math.ceil((input + before) / stride)).map((cell) => {
      const start = cell * stride - before;
      return [Math.min(stride, Math.max(0, -start)), Math.min(stride, input - start)];
    }),
  ).filter(({ from, to }) => from < to);

/** Runs of cells of `stride` inputs, each contained in the same windows relative to its index; the last cell may be smaller. */
export function cellsOf({ input, stride }: Window) {
  const whole = Math.floor(input / stride);
  return [
    { start: 0, count: whole, extent: stride },
    { start: whole, count: 1, extent: input % stride },
  ].filter(({ count, extent }) => count > 0 && extent > 0);
}

/** The windows that contain input `phase` of cell i, in order: that of output i + shift, at the given tap. */
export const reachedBy = ({ size, stride, before }: Window, phase: number) =>
  range(0, size)
    .filter((tap) => (phase + before - tap) % stride === 0)
    .map((tap) => ({ tap, shift: (phase + before - tap) / stride }))
    .reverse();

/** from, from + 1, …, to − 1 */
export const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, k) => from + k);

/** Every pair, in row-major order. */
export const cross = <A, B>(as: readonly A[], bs: readonly B[]) => as.flatMap((a) => bs.map((b) => [a, b] as const));
