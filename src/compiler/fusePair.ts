import { sameShape, sizeOf } from "../base/shape.ts";
import { affine, axisIndex, sameAffine, substitute } from "../ir/affine.ts";
import { bind } from "../ir/build.ts";
import { accessesOfNest, type Contraction, type Nest } from "../ir/contraction.ts";
import {
  accessesOf,
  indicesOf,
  loadsOf,
  mapOperands,
  mapStatement,
  rewriteValue,
  sumOverExecutions,
} from "../ir/traverse.ts";
import type { Affine, Axis, Ref, Stmt, Value, View } from "../ir/types.ts";
import { substituteRef } from "../ir/view.ts";

/** A nest that stores one value to each element of a view, at the index given by its axes. */
export interface Elementwise {
  readonly axes: readonly Axis[];
  readonly out: Ref;
  readonly value: Value;
}

const isPlain = (index: readonly Affine[], axes: readonly Axis[]): boolean =>
  index.length === axes.length && index.every((i, d) => sameAffine(i, axisIndex(axes[d]!.name)));

/** The nest as an elementwise map, if it is one: loops over a whole view around a single store. */
export function asElementwise(s: Nest): Elementwise | undefined {
  const axes: Axis[] = [];
  let body: Nest = s;
  while (body.kind === "loop") {
    axes.push(body.axis);
    body = body.body;
  }
  if (body.kind !== "store" || body.ref.gather || !isPlain(body.ref.index, axes)) return undefined;
  const coversAll = sameShape(
    body.ref.view.shape,
    axes.map((axis) => axis.extent),
  );
  return coversAll && indicesOf(body).length === 0 ? { axes, out: body.ref, value: body.value } : undefined;
}

/**
 * Whether a contraction writes each element of its view exactly once, with one axis for each axis of the view. Axes of
 * extent 1, such as the groups of an ungrouped convolution, do not count.
 */
function coversView({ out, axes }: Contraction): boolean {
  const first = Object.fromEntries(axes.filter((axis) => axis.extent === 1).map(({ name }) => [name, affine()]));
  const used = out.index.map((i, d) => {
    const moves = substitute(i, first);
    if (out.view.shape[d] === 1) return sameAffine(moves, affine()) ? "" : undefined;
    return axes.find(({ name, extent }) => extent === out.view.shape[d] && sameAffine(moves, axisIndex(name)))?.name;
  });
  const named = used.filter((name) => name !== "");
  return !out.gather && !used.includes(undefined) && new Set(named).size === named.length;
}

/** The value with loads of one view replaced. */
const replaceLoads = (v: Value, view: View, by: Value): Value =>
  v.kind === "load" && v.ref.view.name === view.name ? by : mapOperands(v, (x) => replaceLoads(x, view, by));

/** The value with its variables renamed, since two values in one nest may use the same names. */
const rename = (v: Value, name: (old: string) => string): Value => {
  const renamed = mapOperands(v, (x) => rename(x, name));
  return renamed.kind === "let" || renamed.kind === "variable" ? { ...renamed, name: name(renamed.name) } : renamed;
};

/** The consumer's store and value at the producer's index; undefined unless it reads what it consumes at its own index only. */
function consume({ view, index }: Ref, consumer: Elementwise, loads: readonly Ref[]) {
  const reads = loadsOf(consumer.value).filter((r) => r.view.name === view.name);
  const fits =
    sameShape(
      consumer.axes.map((a) => a.extent),
      view.shape,
    ) &&
    reads.length > 0 &&
    !loads.some((r) => r.view.name === consumer.out.view.name) &&
    reads.every((r) => !r.gather && isPlain(r.index, consumer.axes));
  if (!fits) return undefined;
  const by = Object.fromEntries(consumer.axes.map((axis, d) => [axis.name, index[d]!]));
  const value = rewriteValue(
    rename(consumer.value, (old) => `${consumer.out.view.name}.${old}`),
    { ref: (r) => substituteRef(r, by), index: (v) => v },
  );
  return {
    out: substituteRef(consumer.out, by),
    from: (x: Value): Value =>
      reads.length === 1
        ? replaceLoads(value, view, x)
        : bind(view.name, x, (bound) => replaceLoads(value, view, bound)),
  };
}

/** A single nest that computes what two nests do, without storing the intermediate value; undefined if that is not possible. */
export function fusePair(first: Nest, second: Elementwise, isPrivate: (view: View) => boolean): Nest | undefined {
  if (first.kind === "contraction") {
    const fits = isPrivate(first.out.view) && coversView(first);
    const used = fits ? consume(first.out, second, accessesOfNest(first).loads) : undefined;
    if (!used) return undefined;
    const { finish = (sum: Value) => sum } = first;
    return { ...first, out: used.out, finish: (sum) => used.from(finish(sum)) };
  }
  const { stores, loads } = accessesOf(first);
  const consumed = new Set(loadsOf(second.value).map((r) => r.view.name));
  const results = stores.filter((r) => consumed.has(r.view.name));
  const view = results[0]?.view;
  if (!view || !isPrivate(view) || !storesEachOnce(first, view)) return undefined;
  // Fusing moves the store of the second nest ahead of the other stores of the first.
  if (results.some((r) => r.view.name !== view.name)) return undefined;
  if (stores.some((r) => r.view.name === second.out.view.name)) return undefined;
  if (!results.every((r) => consume(r, second, loads))) return undefined;
  return mapStores(first, (ref, value) => {
    if (ref.view.name !== view.name) return { kind: "store", ref, value };
    const used = consume(ref, second, loads)!;
    return { kind: "store", ref: used.out, value: used.from(value) };
  });
}

/**
 * Whether a nest stores to each element of a view once: it executes as many stores as there are elements. Ops omit no
 * element, so none is stored twice.
 */
function storesEachOnce(s: Stmt, view: View): boolean {
  const elements = (x: Stmt): number => {
    if (x.kind === "call") return Number.NaN; // equal to no size
    if (x.kind !== "store" || x.ref.view.name !== view.name) return 0;
    return x.ref.gather ? Number.NaN : 1;
  };
  return sumOverExecutions(s, elements) === sizeOf(view.shape);
}

/** The statement with its stores replaced. */
const mapStores = (s: Stmt, to: (ref: Ref, value: Value) => Stmt): Stmt =>
  s.kind === "store" ? to(s.ref, s.value) : mapStatement(s, { statement: (x) => mapStores(x, to) });
