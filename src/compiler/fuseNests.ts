import { conflict, type Nest, usesOf } from "../ir/contraction.ts";
import type { View } from "../ir/types.ts";
import { asElementwise, type Elementwise, fusePair } from "./fusePair.ts";

/** How many nests write and read each buffer. */
function countUses(
  nests: readonly Nest[],
): ReadonlyMap<string, { readonly writers: number; readonly readers: number }> {
  const counts = new Map<string, { writers: number; readers: number }>();
  const of = (name: string) => counts.get(name) ?? counts.set(name, { writers: 0, readers: 0 }).get(name)!;
  for (const { writes, reads } of nests.map(usesOf)) {
    for (const name of writes) of(name).writers++;
    for (const name of reads) of(name).readers++;
  }
  return counts;
}

/**
 * Fuses nests with the elementwise nests after them: a bias and a ReLU become the epilogue of the convolution before
 * them, and the mask of a ReLU that of a pooling's gradient. Results stay the same; intermediate values are never
 * stored. `isLocal` tells whether a view's values are used by these nests only.
 */
export function fuseNests<T extends { readonly nest: Nest }>(
  nests: readonly T[],
  isLocal: (view: View) => boolean,
): readonly T[] {
  const uses = countUses(nests.map((item) => item.nest));
  const isPrivate = (view: View) => {
    const { writers, readers } = uses.get(view.name) ?? {};
    return isLocal(view) && writers === 1 && readers === 1;
  };
  const fused: T[] = [];
  for (const item of nests) {
    const consumer = asElementwise(item.nest);
    const found = consumer && producerOf(consumer, fused, isPrivate);
    if (!found) fused.push(item);
    else fused.push({ ...fused.splice(found.place, 1)[0]!, nest: found.joined });
  }
  return fused;
}

/** The nest that a consumer can be fused with: one that could as well run right before it. */
function producerOf(
  consumer: Elementwise,
  nests: readonly { readonly nest: Nest }[],
  isPrivate: (view: View) => boolean,
) {
  for (let place = nests.length - 1; place >= 0; place--) {
    const { nest: producer } = nests[place]!;
    const joined = fusePair(producer, consumer, isPrivate);
    if (!joined) continue;
    const own = usesOf(producer);
    const waits = nests.slice(place + 1).every(({ nest }) => !conflict(own, usesOf(nest)));
    return waits ? { place, joined } : undefined;
  }
  return undefined;
}
