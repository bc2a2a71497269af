import { scaleOf } from "./affine.ts";
import { add, axesOf, block, fma, load, nest, store, zero } from "./build.ts";
import { accessesOf, indicesIn, loadsOf, type Rewrite, rewriteRef, rewriteStmt, rewriteValue } from "./traverse.ts";
import type { Affine, Axis, Ref, Stmt, Value } from "./types.ts";
import { addressOf, at, register } from "./view.ts";

/**
 * A sum of products, out[·] = finish(init + Σ a[·]·b[·]), described by its index maps; without `b`, a plain sum.
 *
 * The order of `axes` is the order of summation: axes that do not index `out` are reduced in a single
 * chain of fused multiply-adds, outermost axis first. Schedules only regroup outputs, so all of them
 * give the same bits.
 */
export interface Contraction {
  readonly kind: "contraction";
  readonly axes: readonly Axis[];
  readonly out: Ref;
  readonly a: Ref;
  readonly b?: Ref;
  readonly init: Value;
  /** Maps the sum to the value that is stored. Default: the sum itself. */
  readonly finish?: (sum: Value) => Value;
}

/** What an op gives the compiler: a contraction, which the scheduler tiles, or plain loops. */
export type Nest = Contraction | Stmt;

type Maps = Pick<Contraction, "out" | "a" | "b"> & Partial<Pick<Contraction, "init" | "finish">>;

/** A contraction over named axes, in order of summation. */
export function contraction<K extends string>(
  extents: Readonly<Record<K, number>>,
  maps: (axes: Record<K, Affine>) => Maps,
): Contraction {
  const { axes, index } = axesOf(extents);
  return { kind: "contraction", axes, init: zero, ...maps(index) };
}

/** The factors of each term. */
export const factors = (c: Contraction): readonly Ref[] => (c.b ? [c.a, c.b] : [c.a]);

/** Every reference to memory in the contraction. */
export const references = (c: Contraction): readonly Ref[] => [
  c.out,
  ...factors(c),
  ...factors(c).flatMap((ref) => (ref.gather ? loadsOf(ref.gather) : [])),
  ...loadsOf(c.init),
  ...(c.finish ? loadsOf(c.finish(zero)) : []),
];

/** Every index that the contraction uses as a number. */
export const indicesOfContraction = (c: Contraction): readonly Affine[] => [
  ...indicesIn(c.init),
  ...(c.finish ? indicesIn(c.finish(zero)) : []),
];

const isOutput = (c: Contraction, axis: Axis): boolean => scaleOf(addressOf(c.out), axis.name) !== 0;
/** The axes that `out` is indexed by. */
export const outputAxes = (c: Contraction): readonly Axis[] => c.axes.filter((axis) => isOutput(c, axis));
/** The axes that are summed over. */
export const reducedAxes = (c: Contraction): readonly Axis[] => c.axes.filter((axis) => !isOutput(c, axis));

/** The number of iterations of loops over axes. */
export const iterationsOf = (axes: readonly Axis[]): number => axes.reduce((n, { extent }) => n * extent, 1);

/** The number of terms in all sums: the multiply-adds of the contraction. */
export const multiplyAdds = (c: Contraction): number => iterationsOf(c.axes);

/** Adds one term to a sum. Without `b` it is an addition, which equals a multiply-add by 1 bit for bit. */
export const accumulate = (a: Value, b: Value | undefined, sum: Value): Value => (b ? fma(a, b, sum) : add(sum, a));

/** The unscheduled loops, which define what every schedule must compute, bit for bit. */
export function plain(c: Contraction): Stmt {
  const sum = at(register("sum"));
  const step = accumulate(load(c.a), c.b && load(c.b), load(sum));
  return nest(
    outputAxes(c),
    "serial",
    block(
      store(sum, c.init),
      nest(reducedAxes(c), "serial", store(sum, step)),
      store(c.out, c.finish ? c.finish(load(sum)) : load(sum)),
    ),
  );
}

/** The contraction with its references rewritten, over new axes. */
export function rewriteContraction(c: Contraction, axes: readonly Axis[], by: Rewrite): Contraction {
  const { finish } = c;
  return {
    ...c,
    axes,
    out: rewriteRef(c.out, by),
    a: rewriteRef(c.a, by),
    ...(c.b && { b: rewriteRef(c.b, by) }),
    init: rewriteValue(c.init, by),
    ...(finish && { finish: (sum: Value) => rewriteValue(finish(sum), by) }),
  };
}

/** A nest of either kind with its references rewritten. */
export const rewriteNest = (n: Nest, by: Rewrite): Nest =>
  n.kind === "contraction" ? rewriteContraction(n, n.axes, by) : rewriteStmt(n, by);

/** Every element that a nest of either kind writes and reads. */
export function accessesOfNest(n: Nest): { readonly stores: readonly Ref[]; readonly loads: readonly Ref[] } {
  if (n.kind !== "contraction") return accessesOf(n);
  const [out, ...loads] = references(n);
  return { stores: [out!], loads };
}

/** Names of the buffers that a nest writes and reads. */
export interface BufferUses {
  readonly writes: ReadonlySet<string>;
  readonly reads: ReadonlySet<string>;
}

/** The buffers of a nest. */
export function usesOf(nest: Nest): BufferUses {
  const { stores, loads } = accessesOfNest(nest);
  return { writes: new Set(stores.map((r) => r.view.name)), reads: new Set(loads.map((r) => r.view.name)) };
}

/** Whether two nests must keep their order, because one writes what the other reads or writes. */
export const conflict = (a: BufferUses, b: BufferUses): boolean =>
  [...a.writes].some((name) => b.writes.has(name) || b.reads.has(name)) ||
  [...a.reads].some((name) => b.writes.has(name));

/** The unscheduled loops of a nest of either kind. */
export const plainNest = (n: Nest): Stmt => (n.kind === "contraction" ? plain(n) : n);
