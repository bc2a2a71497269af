import { InklingError } from "../base/error.ts";
import { quoted } from "../base/printable.ts";
import { dims, type Shape, shapeError, sizeOf } from "../base/shape.ts";
import { greatestCommonDivisor, plus, times, toAffine } from "../ir/affine.ts";
import type { Affine } from "../ir/types.ts";
import { checkAttribute } from "./check.ts";

/**
 * Zeros around an image: as in TensorFlow, "same" keeps ⌈input / stride⌉ outputs and "valid" adds none; or how many,
 * [[top, bottom], [left, right]].
 */
export type Padding = "same" | "valid" | readonly [height: readonly [number, number], width: readonly [number, number]];

/** How windows slide over an image. */
export interface WindowAttrs {
  readonly strides: readonly [number, number];
  readonly padding: Padding;
  /** The distance between neighboring taps of a window. Default: 1. */
  readonly dilationRate?: readonly [number, number] | undefined;
}

/** How windows are pooled. */
export interface PoolAttrs extends WindowAttrs {
  readonly poolSize: readonly [number, number];
}

/** A sliding window along one spatial axis. */
export interface Window {
  /** Extents of the input, the window (its taps) and the output. */
  readonly input: number;
  readonly size: number;
  readonly output: number;
  readonly stride: number;
  /** The distance between taps. */
  readonly dilation: number;
  /** The padding before the start of the input, and after its end. */
  readonly before: number;
  readonly after: number;
}

/** The most zeros on a side: a small image does not become a large one. */
const MOST_ZEROS = 2 ** 16;

/** The most values of an image with its padding, which take memory: as many as a tensor may have. */
const MOST_PADDED = 2 ** 28;

/**
 * The windows of U×V taps along the height and the width of x [N,H,W,C].
 *
 * The output extent and padding of a window of k taps, which are d apart and so extend over e = (k − 1)·d + 1 inputs, are
 *
 *   same:          output = ⌈input / stride⌉, padded by max((output − 1)·stride + e − input, 0), one more at the end if odd
 *   valid:         output = ⌊(input − e) / stride⌋ + 1, not padded
 *   [start, end]:  output = ⌊(start + input + end − e) / stride⌋ + 1
 *
 * Throws `INVALID_SHAPE` or `INVALID_ARGUMENT` if the sizes or the padding are invalid. Source:
 * https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2
 */
export function windowsOf(
  op: string,
  x: Shape,
  size: readonly [number, number],
  attrs: WindowAttrs,
): { readonly rows: Window; readonly columns: Window } {
  const [, H, W, C] = dims(op, "x", x, 4);
  const [rows, columns] = [slide(op, 0, H, size[0], attrs), slide(op, 1, W, size[1], attrs)];
  const padded = sizeOf([rows, columns].map(({ before, input, after }) => before + input + after)) * C;
  if (padded > MOST_PADDED)
    throw shapeError(op, "number of values of x with its padding", padded, `at most ${MOST_PADDED}`);
  return { rows, columns };
}

function slide(op: string, d: 0 | 1, input: number, size: number, attrs: WindowAttrs): Window {
  const { strides, padding, dilationRate = [1, 1] } = attrs;
  const axis = d === 0 ? "height" : "width";
  const [stride, dilation] = [strides[d], dilationRate[d]];
  for (const [what, value] of [
    ["kernel size", size],
    ["stride", stride],
    ["dilation rate", dilation],
  ] as const)
    if (!Number.isInteger(value) || value < 1)
      throw shapeError(op, `${what} along the ${axis}`, value, "a whole number of at least 1");
  const extent = (size - 1) * dilation + 1;
  if (padding === "same") {
    const output = Math.ceil(input / stride);
    const padded = Math.max((output - 1) * stride + extent - input, 0);
    const before = Math.floor(padded / 2);
    return { input, size, output, stride, dilation, before, after: padded - before };
  }
  const [before, after] = padding === "valid" ? [0, 0] : explicit(op, padding, d);
  const room = before + input + after - extent;
  if (room < 0) {
    const what = dilation === 1 ? "kernel size" : "extent of the dilated kernel";
    const withPadding = padding === "valid" ? `padding "valid"` : `padding [${before}, ${after}]`;
    throw shapeError(op, `${what} along the ${axis}`, extent, `at most ${before + input + after} with ${withPadding}`);
  }
  return { input, size, output: Math.floor(room / stride) + 1, stride, dilation, before, after };
}

/** The padding before and after an axis. */
function explicit(op: string, padding: Exclude<Padding, string>, d: 0 | 1): readonly [number, number] {
  const isExplicit = Array.isArray(padding) && padding.length === 2 && padding.every((one) => one.length === 2);
  if (!isExplicit)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `${op}: padding is ${quoted(padding)}, expected "same", "valid" or [[top, bottom], [left, right]]`,
    );
  for (const value of padding[d]) {
    const fits = Number.isInteger(value) && value >= 0 && value <= MOST_ZEROS;
    checkAttribute(op, "padding", value, fits, `a whole number from 0 to ${MOST_ZEROS}`);
  }
  return padding[d];
}

/** The input index that output r reads at tap u; outside the input there are zeros. */
export const read = (window: Window, r: Affine, u: Affine | number) =>
  plus(times(r, window.stride), times(toAffine(u), window.dilation), -window.before);

/** The most windows of an image that lie differently at its borders: each kind has loops of its own. */
const MOST_KINDS = 2 ** 12;

/**
 * Throws `INVALID_SHAPE` unless each window has a tap inside the input, so that its maximum and mean are defined, and if
 * windows lie at the borders in too many ways, as where they are as large as a large image.
 */
export function checkPooled(op: string, windows: { readonly rows: Window; readonly columns: Window }): void {
  let kinds = 1;
  for (const [axis, window] of Object.entries({ height: windows.rows, width: windows.columns })) {
    let along = 0;
    for (const { from, to } of tapRuns(window)) {
      const padding = `[${window.before}, ${window.after}]`;
      if (from >= to)
        throw shapeError(op, `padding along the ${axis}`, padding, "no window that contains padding alone");
      along++;
    }
    kinds *= along;
  }
  if (kinds > MOST_KINDS)
    throw shapeError(
      op,
      "number of windows with different padding",
      kinds,
      `at most ${MOST_KINDS}; use a smaller pool size`,
    );
}

/**
 * The inputs stride·i + phase along one axis, for each phase; their gradients involve the same taps:
 *
 *   stride·r + dilation·u − before = stride·i + phase   ⇔   u = first + step·t, r = i + shift − reach·t
 */
export function phasesOf({ input, size, stride, dilation, before }: Window) {
  const step = stride / greatestCommonDivisor(stride, dilation);
  const reach = (step * dilation) / stride;
  return Array.from({ length: Math.min(stride, input) }, (_, phase) => {
    const first = range(0, Math.min(step, size)).find((u) => (phase + before - dilation * u) % stride === 0) ?? size;
    const taps = Math.ceil((size - first) / step);
    const shift = (phase + before - dilation * first) / stride;
    return {
      count: Math.ceil((input - phase) / stride),
      taps,
      input: (i: Affine) => plus(times(i, stride), phase),
      // t runs backwards, so that dy is read forwards.
      output: (i: Affine, t: Affine) => plus(i, times(t, reach), shift - reach * (taps - 1)),
      tap: (t: Affine) => plus(first + step * (taps - 1), times(t, -step)),
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

/** Groups consecutive equal ranges, those of 0 to count − 1, into runs; one at a time, since an image may be long. */
function* runsOf(count: number, rangeOf: (k: number) => readonly [from: number, to: number]): Generator<Taps> {
  let start = 0;
  while (start < count) {
    const [from, to] = rangeOf(start);
    let end = start + 1;
    for (; end < count; end++) {
      const [nextFrom, nextTo] = rangeOf(end);
      if (nextFrom !== from || nextTo !== to) break;
    }
    yield { start, count: end - start, from, to };
    start = end;
  }
}

/** The first tap of an output's window that is inside the input, and the one after the last. */
function tapsAt({ input, size, stride, dilation, before }: Window, output: number): readonly [number, number] {
  const corner = output * stride - before;
  const until = (end: number) => Math.min(size, Math.max(0, Math.ceil((end - corner) / dilation)));
  return [until(0), until(input)];
}

const tapRuns = (window: Window) => runsOf(window.output, (r) => tapsAt(window, r));

/** Runs of outputs whose windows have the same taps inside the input: the interior, and the borders separately. */
export const tapsOf = (window: Window): readonly Taps[] => [...tapRuns(window)];

/** Runs of cells of `stride` elements each, starting at the first window; their elements `from` to `to` are inside the input. */
export const cellRuns = ({ input, stride, before }: Window): readonly Taps[] =>
  [
    ...runsOf(Math.ceil((input + before) / stride), (cell) => {
      const start = cell * stride - before;
      return [Math.min(stride, Math.max(0, -start)), Math.min(stride, input - start)];
    }),
  ].filter(({ from, to }) => from < to);

/** Runs of cells of `stride` inputs, each contained in the same windows relative to its index; the last cell may be smaller. */
export function cellsOf({ input, stride }: Window) {
  const whole = Math.floor(input / stride);
  return [
    { start: 0, count: whole, extent: stride },
    { start: whole, count: 1, extent: input % stride },
  ].filter(({ count, extent }) => count > 0 && extent > 0);
}

/** The windows that contain input `phase` of cell i, in order: that of output i + shift, at the given tap. */
export const reachedBy = ({ size, stride, dilation, before }: Window, phase: number) =>
  range(0, size)
    .filter((tap) => (phase + before - dilation * tap) % stride === 0)
    .map((tap) => ({ tap, shift: (phase + before - dilation * tap) / stride }))
    .reverse();

/** from, from + 1, …, to − 1 */
export const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, k) => from + k);

/** Every pair, in row-major order. */
export const cross = <A, B>(as: readonly A[], bs: readonly B[]) => as.flatMap((a) => bs.map((b) => [a, b] as const));

/** Extents of an image and attributes for windows of the given size, at random, for tests of ops. */
export function drawWindows(pick: (from: number, to: number) => number, size: readonly [number, number]) {
  const dilationRate = pick(0, 1) ? ([1, 1] as const) : ([pick(1, 3), pick(1, 3)] as const);
  const ends = ([0, 1] as const).map((d) => [pick(0, size[d] - 1), pick(0, size[d] - 1)] as const);
  const padding: Padding = (["same", "valid", [ends[0]!, ends[1]!]] as const)[pick(0, 2)]!;
  const extents = ([0, 1] as const).map((d) => (size[d] - 1) * dilationRate[d] + 1 + pick(0, 4));
  return { extents, attrs: { strides: [pick(1, 3), pick(1, 3)], padding, dilationRate } as const };
}
