import { affine, scaleOf, substitute } from "../../ir/affine.ts";
import type { Rewrite } from "../../ir/traverse.ts";
import type { Affine, Axis, Ref } from "../../ir/types.ts";
import { addressOf, flat, substituteRef } from "../../ir/view.ts";

/** Rewrites references and indices in terms of other axes. */
export const substitution = (by: Readonly<Record<string, Affine>>): Rewrite => ({
  ref: (ref) => (ref.view.space === "register" ? ref : substituteRef(ref, by)),
  index: (v) => ({ ...v, at: substitute(v.at, by) }),
});

/** Rewrites references to views of one axis. */
export const flattening: Rewrite = {
  ref: (ref) => (ref.view.space === "register" ? ref : flat(ref)),
  index: (v) => v,
};

/** Whether one step of `outer` moves every address exactly as far as all steps of `inner` together. */
const isContiguous = (moves: readonly Affine[], outer: Axis, inner: Axis): boolean =>
  moves.every((a) => scaleOf(a, outer.name) === scaleOf(a, inner.name) * inner.extent);

interface Fused {
  readonly axes: readonly Axis[];
  readonly by: Readonly<Record<string, Affine>>;
}

/**
 * Fuses adjacent axes that all references traverse contiguously, such as the columns of a window and its channels, and
 * drops axes of extent 1. The order of iteration does not change.
 *
 * References must be flat. `moves` are their addresses, and the indices that are used as numbers.
 */
export function fuseAxes(axes: readonly Axis[], moves: readonly Affine[]): Fused {
  const by: Record<string, Affine> = {};
  const fused: Axis[] = [];
  for (const axis of axes) {
    const outer = fused.at(-1);
    if (axis.extent === 1) by[axis.name] = affine();
    else if (outer && isContiguous(moves, outer, axis)) {
      fused[fused.length - 1] = { name: axis.name, extent: outer.extent * axis.extent };
      by[outer.name] = affine();
    } else fused.push(axis);
  }
  return { axes: fused, by };
}

/** The addresses of references in memory. */
export const addressesOf = (refs: readonly Ref[]): readonly Affine[] =>
  refs.filter((ref) => ref.view.space === "memory").map(addressOf);
