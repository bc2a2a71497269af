import { rangeOf } from "../ir/affine.ts";
import { type Nest, references } from "../ir/contraction.ts";
import { loadsOf } from "../ir/traverse.ts";
import type { Axis, Ref, Stmt, View } from "../ir/types.ts";

type Axes = ReadonlyMap<string, Axis>;

function visit(s: Stmt, axes: Axes, touch: (ref: Ref, axes: Axes) => void): void {
  switch (s.kind) {
    case "loop":
      return visit(s.body, new Map([...axes, [s.axis.name, s.axis]]), touch);
    case "call":
      return visit(s.body, axes, touch);
    case "block":
      for (const x of s.body) visit(x, axes, touch);
      return;
    case "let":
      for (const ref of loadsOf(s.value)) touch(ref, axes);
      return visit(s.body, axes, touch);
    case "store":
      for (const ref of [s.ref, ...loadsOf(s.value)]) touch(ref, axes);
  }
}

/**
 * The zeros that each buffer needs around its elements, so that no nest has to ask whether an index is
 * inside: how far the indices of its references reach beyond the extents.
 */
export function halosOf(nests: readonly Nest[]): Map<string, View["halo"]> {
  const halos = new Map<string, [number, number][]>();
  const touch = ({ view, index, gather }: Ref, axes: Axes) => {
    const halo = halos.get(view.name) ?? view.shape.map((): [number, number] => [0, 0]);
    halos.set(view.name, halo);
    index.forEach((i, d) => {
      if (d === 0 && gather) return;
      const [low, high] = rangeOf(i, axes);
      const [before, after] = halo[d]!;
      halo[d] = [Math.max(before, -low), Math.max(after, high - view.shape[d]! + 1)];
    });
  };
  for (const nest of nests) {
    if (nest.kind !== "contraction") visit(nest, new Map(), touch);
    else for (const ref of references(nest)) touch(ref, new Map(nest.axes.map((axis) => [axis.name, axis])));
  }
  return halos;
}
