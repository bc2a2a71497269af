import { rangeOf } from "./affine.ts";
import type { Axis, Ref, View } from "./types.ts";

/** What is wrong with index `i` of axis `d` of a view, if anything. */
export function outsideOf(view: View, d: number, i: number): string | undefined {
  const [before, after] = view.halo[d]!;
  const extent = view.shape[d]!;
  if (i >= -before && i < extent + after) return undefined;
  return `index ${i} of axis ${d} is outside of ${view.name}, whose extent is ${extent} (halo ${before}, ${after})`;
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
