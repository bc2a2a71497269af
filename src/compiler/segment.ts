import { affine, axisIndex, sameAffine, scaleOf } from "../ir/affine.ts";
import { block, call, loop } from "../ir/build.ts";
import { accessesOfNest, type Contraction, factors, iterationsOf, outputAxes, rewriteNest } from "../ir/contraction.ts";
import type { Machine } from "../ir/machine.ts";
import type { Rewrite } from "../ir/traverse.ts";
import type { Axis, Ref, Stmt } from "../ir/types.ts";
import { addressOf } from "../ir/view.ts";
import type { Named } from "./plan.ts";
import { schedule } from "./schedule/schedule.ts";
import { isInArena } from "./storage.ts";

/** A nest for one sample, whose axis n is bound outside, or for a tile of samples. */
interface Item extends Named {
  readonly n?: Axis;
}

/** A nest runs for a whole tile, to reuse shared operands such as weights, if one sample uses each of their elements less often than this. */
const LEAST_USES = 16;

/** The least number of times that one sample uses an element of an operand that all samples share. */
function usesOfShared(c: Contraction): number {
  const shared = [c.out, ...factors(c)].filter((ref) => scaleOf(addressOf(ref), "n") === 0);
  const others = (ref: Ref) => c.axes.filter(({ name }) => name !== "n" && scaleOf(addressOf(ref), name) === 0);
  return Math.min(...shared.map((ref) => iterationsOf(others(ref))));
}

/** Whether a sample has a single sum. The sums of several samples are independent, which hides the latency of additions. */
const isOneSum = (c: Contraction): boolean => outputAxes(c).every(({ name, extent }) => name === "n" || extent === 1);

/** Strips a nest of its loop over samples, if there is enough work in one sample. */
function perSample(named: Named): Item {
  const { nest } = named;
  if (nest.kind !== "contraction")
    return nest.kind === "loop" && nest.axis.name === "n" ? { ...named, nest: nest.body, n: nest.axis } : named;
  const n = nest.axes.find((axis) => axis.name === "n");
  if (!n || usesOfShared(nest) < LEAST_USES || isOneSum(nest)) return named;
  return { ...named, nest: { ...nest, axes: nest.axes.filter((axis) => axis !== n) }, n };
}

/** Groups consecutive per-sample items into runs; any other item is a run by itself. */
function inRuns(items: readonly Item[]): readonly (readonly Item[])[] {
  const runs: Item[][] = [];
  for (const item of items) {
    const last = runs.at(-1);
    if (item.n && last?.[0]?.n) last.push(item);
    else runs.push([item]);
  }
  return runs;
}

/** The buffers of a tile that a single run uses, with each sample's elements used in that sample's iteration only. */
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

/** Contracts buffers to the size of one sample. */
const contractingArrays = (names: ReadonlySet<string>): Rewrite => ({
  ref(ref: Ref): Ref {
    if (!names.has(ref.view.name)) return ref;
    const [, ...shape] = ref.view.shape;
    const [, ...index] = ref.index;
    return { ...ref, view: { ...ref.view, shape: [1, ...shape] }, index: [affine(), ...index] };
  },
  index: (v) => v,
});

/** Functions that are called in sequence; if there is an axis n, the sequence is repeated for each sample of the tile. */
export interface Run {
  readonly stmts: readonly Stmt[];
  readonly n?: Axis | undefined;
}

/** The runs of a segment, and its buffers that hold the values of one sample only. */
export interface Runs {
  readonly runs: readonly Run[];
  readonly contracted: ReadonlySet<string>;
}

/** A run as a statement. */
export const stmtOf = ({ stmts, n }: Run): Stmt => (n ? loop(n, "serial", block(...stmts)) : block(...stmts));

/**
 * Arranges the nests of a segment in runs: a sequence of nests that is repeated for each sample, so that its values stay
 * in the cache, or a single nest for all samples of the tile. Each nest becomes a function. Buffers that a single run uses
 * are contracted to the size of one sample, since its values are dead before those of the next sample are written.
 *
 * Source: array contraction, as in E. C. Lewis, C. Lin and L. Snyder, "The implementation and evaluation of fusion and
 * contraction in array languages", PLDI 1998.
 */
export function runsOf(nests: readonly Named[], m: Machine): Runs {
  const items = inRuns(nests.map(perSample));
  const contracted = contractible(items);
  const by = contractingArrays(contracted);
  const runs = items.map((run) => ({
    stmts: run.map(({ name, nest, around }) => call(name, schedule(rewriteNest(nest, by), m, around))),
    n: run[0]!.n,
  }));
  return { runs, contracted };
}
