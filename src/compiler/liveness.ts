import { buffersOf } from "../ir/traverse.ts";
import type { View } from "../ir/types.ts";
import type { Tensor } from "../ops/graph.ts";
import type { Allocation } from "./memory.ts";
import type { Phase } from "./phases.ts";
import type { ProgramSpec } from "./plan.ts";
import { isInArena, type Storage, type Tensors } from "./storage.ts";

const spanFrom = (from: number, count: number) => ({ from, to: from + count - 1 });

/**
 * How long each buffer is live. In an arena, buffers for one sample are live from function to function of a run, and
 * buffers for a tile from run to run. In shared memory, buffers are live from phase to phase, since threads may be at
 * different nests of a phase. Values of the batch, values that the host reads, and values with a halo are always live,
 * the last because the zeros of a halo are written only once.
 */
export function allocationsOf(
  { perStep, steps, outputs }: ProgramSpec,
  phases: readonly Phase[],
  tensors: readonly Tensor[],
  storage: (t: Tensor) => Storage,
  views: Tensors,
): readonly Allocation[] {
  const found = new Map<string, Allocation>();
  const keepAlways = (view: View) => found.set(view.name, { view, live: "always" });
  const withSteps = (view: View): View => ({ ...view, shape: [steps, ...view.shape], halo: [[0, 0], ...view.halo] });
  for (const t of outputs) keepAlways(views.whole(t));
  for (const t of perStep) keepAlways(withSteps(views.whole(t)));
  const wholes = new Map<string, View>();
  for (const t of tensors) {
    if (["state", "batch", "partial"].includes(storage(t))) keepAlways(views.whole(t));
    if (storage(t) === "kept") wholes.set(views.whole(t).name, views.whole(t));
    if (storage(t) === "partial") wholes.set(views.partial(t).name, views.partial(t));
  }
  let first = 0;
  for (const { runs, contracted } of phases) {
    const phase = spanFrom(first, runs.flatMap((run) => run.stmts).length);
    for (const { stmts } of runs) {
      const run = spanFrom(first, stmts.length);
      for (const [k, stmt] of stmts.entries())
        for (const view of buffersOf(stmt)) {
          const known = found.get(view.name);
          if (known?.live === "always") continue;
          const inSegment = contracted.has(view.name) ? spanFrom(first + k, 1) : run;
          const { from, to } = isInArena(view) ? inSegment : phase;
          const whole = wholes.get(view.name) ?? view;
          if (views.hasHalo(view.name)) keepAlways(whole);
          else found.set(view.name, { view: whole, live: { from: known?.live.from ?? from, to } });
        }
      first += stmts.length;
    }
  }
  return [...found.values()];
}
