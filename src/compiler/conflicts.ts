import { accessesOfNest, type Nest } from "../ir/contraction.ts";

/** Names of the buffers that a nest writes and reads. */
export interface Uses {
  readonly writes: ReadonlySet<string>;
  readonly reads: ReadonlySet<string>;
}

export function usesOf(nest: Nest): Uses {
  const { stores, loads } = accessesOfNest(nest);
  return { writes: new Set(stores.map((r) => r.view.name)), reads: new Set(loads.map((r) => r.view.name)) };
}

/** Whether the order of two nests matters: one writes what the other writes or reads. */
export const conflict = (a: Uses, b: Uses): boolean =>
  [...a.writes].some((name) => b.writes.has(name) || b.reads.has(name)) ||
  [...a.reads].some((name) => b.writes.has(name));
