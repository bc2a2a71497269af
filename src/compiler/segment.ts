import { affine, axisIndex, sameAffine, scaleOf } from "../ir/affine.ts";
import { block, call, loop } from "../ir/build.ts";
import { accessesOfNest, type Contraction, factors, outputAxes, rewriteNest } from "../ir/contraction.ts";
import type { Machine } from "../ir/machine.ts";
import type { Rewrite } from "../ir/traverse.ts";
import type { Axis, Ref, Stmt } from "../ir/types.ts";
import { addressOf } from "../ir/view.ts";
import type { Named } from "./plan.ts";
import { schedule } from "./schedule/schedule.ts";
import { isInArena } from "./storage.ts";

/** A nest for one sample, with axis n bound outside, or for a tile of samples. */
interface Item extends Named {
  readonly n?: Axis;
}

/** What all samples share, such as weights, is read for several samples at once where one uses each element less often. */
const LEAST_USES = 16;

/** How often one sample uses an element of what all samples share, at least. */
function usesOfShared(c: Contraction): number {
  const shared = [c.out, ...factors(c)].filter((ref) => scaleOf(addressOf(ref), "n") === 0);
  const others = (ref: Ref) => c.axes.filter(({ name }) => name !== "n" && scaleOf(addressOf(ref), name) === 0);
  return Math.min(...shared.map((ref) => others(ref).reduce((uses, { extent }) => uses * extent, 1)));
}

/** Whether one sample has but one sum: several samples' sums at once do not wait for one another's additions. */
const isOneSum = (c: Contraction): boolean => outputAxes(c).every(({ name, extent }) => name === "n" || extent === 1);

/** Takes the loop over samples off a nest, where the nest has enough to do in one sample. */
function perSample({ name, nest }: Named): Item {
  if (nest.kind !== "contraction")
    return nest.kind === "loop" && nest.axis.name === "n" ? { name, nest: nest.body, n: nest.axis } : { name, nest };
  const n = nest.axes.find((axis) => axis.name === "n");
  if (!n || usesOfShared(nest) < LEAST_USES || isOneSum(nest)) return { name, nest };
  return { name, nest: { ...nest, axes: nest.axes.filter((axis) => axis !== n) }, n };
}

/** Items that go through one sample after the other together, or one alone. */
function inRuns(items: readonly Item[]): readonly (readonly Item[])[] {
  const runs: Item[][] = [];
  for (const item of items) {
    const last = runs.at(-1);
    if (item.n && last?.[0]?.n) last.push(item);
    else runs.push([item]);
  }
  return runs;
}

/** The buffers of a tile that one run alone uses, each sample's elements in the turn of that sample. */
function contractible(runs: readonly (readonly Item[])[]): ReadonlySet<string> {
  const runOf = new Map<string, readonly Item[]>();
  const others = new Set<string>();
  for (const run of runs)
    for (const { nest, n } of run) {
      const { stores, loads } = accessesOfNest(nest);
      for (const { view, index, gather } of [...stores, ...loads]) {
        const isOfSample = n && index[0] && sameAffine(index[0], axisIndex(n.name)) && !gather && isInArena(view);
        if (!isOfSample || (runOf.get(view.name) ?? run) !== run) others.add(view.name);
        runOf.set(view.name, run);
      }
    }
  return new Set([...runOf.keys()].filter((name) => !others.has(name)));
}

/** Gives buffers the room of one sample. */
const contractingArrays = (names: ReadonlySet<string>): Rewrite => ({
  ref(ref: Ref): Ref {
    if (!names.has(ref.view.name)) return ref;
    const [, ...shape] = ref.view.shape;
    const [, ...index] = ref.index;
    return { ...ref, view: { ...ref.view, shape: [1, ...shape] }, index: [affine(), ...index] };
  },
  index: (v) => v,
});

/** Functions that are called one after the other; all of them for each sample of a tile, where there is an axis n. */
export interface Run {
  readonly stmts: readonly Stmt[];
  readonly n?: Axis | undefined;
}

/** The runs of a segment, and its buffers that hold values of one sample, which matter within one turn. */
export interface Runs {
  readonly runs: readonly Run[];
  readonly contracted: ReadonlySet<string>;
}

export const stmtOf = ({ stmts, n }: Run): Stmt => (n ? loop(n, "serial", block(...stmts)) : block(...stmts));

/**
 * The nests of a segment in runs: nests that go through one sample after the other, so that its values stay in
 * the cache, or one nest for all samples of the tile. Each nest becomes a function of its own. What one run alone uses
 * has the room of one sample, since its values are used up before those of the next are written.
 *
 * Source: array contraction, as in E. C. Lewis, C. Lin and L. Snyder, The implementation and evaluation of fusion and
 * contraction in array languages, 1998.
 */
export function runsOf(nests: readonly Named[], m: Machine): Runs {
  const items = inRuns(nests.map(perSample));
  const contracted = contractible(items);
  const by = contractingArrays(contracted);
  const runs = items.map((run) => ({
    stmts: run.map(({ name, nest }) => call(name, schedule(rewriteNest(nest, by), m))),
    n: run[0]!.n,
  }));
  return { runs, contracted };
}
