import { rangeOf } from "../ir/affine.ts";
import { type Nest, references } from "../ir/contraction.ts";
import { loadsOf, substatements, valuesIn } from "../ir/traverse.ts";
import type { Axis, Ref, Stmt, View } from "../ir/types.ts";

/** A reference in a nest, with the axes of the enclosing loops. */
interface Access {
  readonly ref: Ref;
  readonly axes: ReadonlyMap<string, Axis>;
}

function accesses(s: Stmt, axes: Access["axes"]): readonly Access[] {
  const own = [...(s.kind === "store" ? [s.ref] : []), ...valuesIn(s).flatMap(loadsOf)];
  const inside = s.kind === "loop" ? new Map([...axes, [s.axis.name, s.axis]]) : axes;
  return [...own.map((ref) => ({ ref, axes })), ...substatements(s).flatMap((x) => accesses(x, inside))];
}

function placedAccesses(nest: Nest): readonly Access[] {
  if (nest.kind !== "contraction") return accesses(nest, new Map());
  const axes = new Map(nest.axes.map((axis) => [axis.name, axis]));
  return references(nest).map((ref) => ({ ref, axes }));
}

/**
 * The zeros that each buffer needs around its elements so that nests need no bounds checks: how far the indices
 * of its references reach beyond its extents.
 */
export function halosOf(nests: readonly Nest[]): Map<string, View["halo"]> {
  const halos = new Map<string, [number, number][]>();
  for (const { ref, axes } of nests.flatMap(placedAccesses)) {
    const { view, index, gather } = ref;
    const halo = halos.get(view.name) ?? view.shape.map((): [number, number] => [0, 0]);
    halos.set(view.name, halo);
    index.forEach((i, d) => {
      if (d === 0 && gather) return;
      const [low, high] = rangeOf(i, axes);
      const [before, after] = halo[d]!;
      halo[d] = [Math.max(before, -low), Math.max(after, high - view.shape[d]! + 1)];
    });
  }
  return halos;
}
