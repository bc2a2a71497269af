import type { Layout, View } from "../ir/types.ts";
import { bytesOf, spanOf } from "../ir/view.ts";
import { isInArena } from "./storage.ts";

/** A buffer and its lifetime: positions in the order of execution, or always. */
export interface Allocation {
  readonly view: View;
  readonly live: "always" | { readonly from: number; readonly to: number };
}

interface Placed extends Allocation {
  readonly offset: number;
  readonly end: number;
}

/** Buffers are aligned to cache lines. */
const LINE = 64;
/** Addresses a multiple of this apart share a set of the L1 cache, so no buffer has such a length. */
const PAGE = 4096;
const roundUp = (n: number, unit: number) => Math.ceil(n / unit) * unit;

const offPages = (bytes: number): number => (bytes > 0 && bytes % PAGE === 0 ? bytes + LINE : bytes);
const lengthOf = (view: View): number => offPages(roundUp(spanOf(view) * bytesOf[view.type], LINE));

const overlaps = (a: Allocation, b: Allocation): boolean =>
  a.live === "always" || b.live === "always" || (a.live.from <= b.live.to && b.live.from <= a.live.to);

/** A layout in which each thread has an arena of its own. */
export interface Memory extends Layout {
  /** The distance from one arena to the next. */
  readonly arenaBytes: number;
}

/** Assigns an offset to each buffer: first the memory that all threads share, then an arena for each thread. */
export function allocate(allocations: readonly Allocation[], threads = 1): Memory {
  const shared = place(
    allocations.filter(({ view }) => !isInArena(view)),
    LINE, // address 0 stays unused
  );
  const arena = place(
    allocations.filter(({ view }) => isInArena(view)),
    shared.end,
  );
  const arenaBytes = offPages(arena.end - shared.end);
  return {
    bytes: shared.end + threads * arenaBytes + LINE,
    arenaBytes,
    offsets: new Map([...shared.placed, ...arena.placed].map((p) => [p.view.name, p.offset])),
  };
}

/**
 * Places buffers from an address on so that no two that are live at the same time overlap: the largest first, each at
 * the lowest address that is free during its lifetime.
 */
export function place(
  allocations: readonly Allocation[],
  start: number,
  bytes: (view: View) => number = lengthOf,
): { readonly placed: readonly Placed[]; readonly end: number } {
  const always = allocations.filter((a) => a.live === "always");
  const others = allocations.filter((a) => a.live !== "always").toSorted((a, b) => bytes(b.view) - bytes(a.view));
  const placed: Placed[] = [];
  let fixed = start;
  for (const a of always) {
    const end = fixed + bytes(a.view);
    placed.push({ ...a, offset: fixed, end });
    fixed = end;
  }
  const movable: Placed[] = [];
  for (const a of others) {
    const neighbors = movable.filter((p) => overlaps(p, a)).toSorted((p, q) => p.offset - q.offset);
    let offset = fixed;
    for (const p of neighbors) if (offset + bytes(a.view) > p.offset && offset < p.end) offset = p.end;
    movable.push({ ...a, offset, end: offset + bytes(a.view) });
  }
  const all = [...placed, ...movable];
  return { placed: all, end: Math.max(fixed, ...all.map((p) => p.end)) };
}
