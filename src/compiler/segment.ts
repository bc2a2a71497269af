import { block, call, loop } from "../ir/build.ts";
import { type Nest, outputAxes } from "../ir/contraction.ts";
import type { Machine } from "../ir/machine.ts";
import type { Axis, Stmt } from "../ir/types.ts";
import type { Named } from "./plan.ts";
import { schedule } from "./schedule/schedule.ts";

/** A nest of a segment, scheduled: for one sample, with axis n bound outside, or for a tile of samples. */
interface Item {
  readonly name: string;
  readonly stmt: Stmt;
  readonly n?: Axis;
}

/** Takes the loop over samples off a nest, where the nest has enough to do in one sample. */
function perSample(nest: Nest): { readonly nest: Nest; readonly n: Axis } | undefined {
  if (nest.kind !== "contraction")
    return nest.kind === "loop" && nest.axis.name === "n" ? { nest: nest.body, n: nest.axis } : undefined;
  const n = nest.axes.find((axis) => axis.name === "n");
  if (!n) return undefined;
  const outputs = outputAxes(nest);
  const inner = outputs.filter((axis) => axis !== n && axis.extent > 1);
  if (outputs.includes(n) && inner.length < 2) return undefined; // dense: samples share the weights in registers
  return { nest: { ...nest, axes: nest.axes.filter((axis) => axis !== n) }, n };
}

function schedulePerSample(name: string, nest: Nest, m: Machine): Item {
  const taken = perSample(nest);
  return taken ? { name, stmt: schedule(taken.nest, m), n: taken.n } : { name, stmt: schedule(nest, m) };
}

/**
 * The nests of a segment in runs: nests that go through one sample after the other, so that its values stay in
 * the cache, or one nest for all samples of the tile. Each nest becomes a function of its own.
 */
export function runsOf(nests: readonly Named[], m: Machine): readonly Stmt[] {
  const items = nests.map(({ name, nest }) => schedulePerSample(name, nest, m));
  const runs: Stmt[] = [];
  for (let from = 0; from < items.length; ) {
    const n = items[from]!.n;
    let to = from + 1;
    while (n && to < items.length && items[to]!.n) to++;
    const body = block(...items.slice(from, to).map((item) => call(item.name, item.stmt)));
    runs.push(n ? loop(n, "serial", body) : body);
    from = to;
  }
  return runs;
}
