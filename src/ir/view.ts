import { type Shape, sizeOf } from "../base/shape.ts";
import { affine, plus, rangeOf, scaleOf, substitute, times, toAffine } from "./affine.ts";
import type { Affine, Axis, ElementType, Ref, Value, View } from "./types.ts";

/** Bytes of an element in memory. */
export const bytesOf: Readonly<Record<ElementType, number>> = { f32: 4, u32: 4, u8: 1 };

const noHalo = (shape: Shape): View["halo"] => shape.map(() => [0, 0] as const);

/** A view of a whole buffer in memory. */
export const memory = (name: string, shape: Shape, type: ElementType = "f32"): View => ({
  name,
  type,
  shape,
  halo: noHalo(shape),
  origin: affine(),
  space: "memory",
});

/** Registers of a kernel, private to each lane of a vector, such as accumulators. */
export const register = (name: string, ...shape: readonly number[]): View => ({
  ...memory(name, shape),
  space: "register",
});

/** Extents with the halo. */
const paddedShape = (view: View): Shape => view.shape.map((extent, d) => extent + view.halo[d]![0] + view.halo[d]![1]);

/** The number of elements that a view spans, with its halo. */
export const spanOf = (view: View): number => sizeOf(paddedShape(view));

/** The distance between adjacent elements along each axis, in elements. */
export function stridesOf(view: View): readonly number[] {
  const padded = paddedShape(view);
  return padded.map((_, d) => sizeOf(padded.slice(d + 1)));
}

/** The element of a view at one index for each axis. */
export const at = (view: View, ...index: readonly (Affine | number)[]): Ref => ({ view, index: index.map(toAffine) });

/** The element whose first index is known only at run time: `row` is added to the first of `index`. */
export const gather = (view: View, row: Value, ...index: readonly (Affine | number)[]): Ref => ({
  ...at(view, ...index),
  gather: row,
});

const addresses = new WeakMap<Ref, Affine>();

/**
 * The element's distance from the start of its buffer, in elements, without the gathered part. Computed once per
 * reference, since the scheduler needs it for every tiling, and lowering for every copy of an unrolled body.
 */
export function addressOf(ref: Ref): Affine {
  const known = addresses.get(ref);
  if (known) return known;
  const { view, index } = ref;
  const strides = stridesOf(view);
  const address = plus(view.origin, ...index.map((i, d) => times(plus(i, view.halo[d]![0]), strides[d]!)));
  addresses.set(ref, address);
  return address;
}

/** How far one step of an axis moves the address. */
export const strideAlong = (ref: Ref, axis: Axis): number => scaleOf(addressOf(ref), axis.name);

/** How far the gathered index moves the address. */
export const gatherStride = (ref: Ref): number => stridesOf(ref.view)[0] ?? 1;

/** The reference with axes replaced by expressions of other axes. */
export const substituteRef = (ref: Ref, by: Readonly<Record<string, Affine>>): Ref => ({
  ...ref,
  view: { ...ref.view, origin: substitute(ref.view.origin, by) },
  index: ref.index.map((i) => substitute(i, by)),
});

/**
 * The same element in a view of one axis (two if the first index is gathered), so that adjacent axes
 * can be fused.
 */
export function flat(ref: Ref): Ref {
  const { view, index, gather: row } = ref;
  const span = spanOf(view);
  const flatView = (shape: Shape): View => ({ ...view, shape, halo: noHalo(shape) });
  const address = plus(addressOf(ref), times(view.origin, -1));
  if (!row) return { view: flatView([span]), index: [address] };
  const stride = gatherStride(ref);
  const first = plus(index[0]!, view.halo[0]![0]);
  return { view: flatView([span / stride, stride]), index: [first, plus(address, times(first, -stride))], gather: row };
}

/** What is wrong with index `i` of axis `d` of a view, if anything. */
export function outsideOf(view: View, d: number, i: number): string | undefined {
  const [before, after] = view.halo[d]!;
  const extent = view.shape[d]!;
  if (i >= -before && i < extent + after) return undefined;
  return `index ${i} of axis ${d} is outside ${view.name}, whose extent is ${extent} (halo ${before}, ${after})`;
}

/**
 * What is wrong with the indices of a reference, if anything, over all values of the axes. The first
 * index of a gathered reference is known only at run time.
 */
export function outOfBounds({ view, index, gather }: Ref, axes: ReadonlyMap<string, Axis>): string | undefined {
  if (index.length !== view.shape.length)
    return `${view.name} has ${view.shape.length} axes, but ${index.length} indices`;
  for (const [d, i] of index.entries()) {
    if (d === 0 && gather) continue;
    const [low, high] = rangeOf(i, axes);
    const problem = outsideOf(view, d, low) ?? outsideOf(view, d, high);
    if (problem) return problem;
  }
  return undefined;
}
