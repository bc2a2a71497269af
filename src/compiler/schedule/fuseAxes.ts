import { affine, scaleOf, substitute } from "../../ir/affine.ts";
import type { Rewrite } from "../../ir/traverse.ts";
import type { Affine, Axis, Ref } from "../../ir/types.ts";
import { addressOf, flat, substituteRef } from "../../ir/view.ts";

/** Rewrites references and indices to other axes. */
export const substitution = (by: Readonly<Record<string, Affine>>): Rewrite => ({
  ref: (ref) => (ref.view.space === "register" ? ref : substituteRef(ref, by)),
  index: (v) => ({ ...v, at: substitute(v.at, by) }),
});

/** Rewrites references to views of one axis. */
export const flattening: Rewrite = {
  ref: (ref) => (ref.view.space === "register" ? ref : flat(ref)),
  index: (v) => v,
};

/** Whether a step of `outer` moves every reference as far as all steps of `inner` do. */
const walkedAsOne = (moves: readonly Affine[], outer: Axis, inner: Axis): boolean =>
  moves.every((a) => scaleOf(a, outer.name) === scaleOf(a, inner.name) * inner.extent);

interface Fused {
  readonly axes: readonly Axis[];
  readonly by: Readonly<Record<string, Affine>>;
}

/**
 * Fuses neighboring axes that everything walks as one, such as the columns of a window with the channels
 * inside, and drops axes of extent 1. The order of iteration stays as it was.
 *
 * References must be flat. `moves` are their addresses, and indices that are used as numbers.
 */
export function fuseAxes(axes: readonly Axis[], moves: readonly Affine[]): Fused {
  const by: Record<string, Affine> = {};
  const fused: Axis[] = [];
  for (const axis of axes) {
    const outer = fused.at(-1);
    if (axis.extent === 1) by[axis.name] = affine();
    else if (outer && walkedAsOne(moves, outer, axis)) {
      fused[fused.length - 1] = { name: axis.name, extent: outer.extent * axis.extent };
      by[outer.name] = affine();
    } else fused.push(axis);
  }
  return { axes: fused, by };
}

/** The addresses of references in memory. */
export const addressesOf = (refs: readonly Ref[]): readonly Affine[] =>
  refs.filter((ref) => ref.view.space === "memory").map(addressOf);
