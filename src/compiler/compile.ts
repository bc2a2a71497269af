import type { Machine } from "../ir/machine.ts";
import type { Kernel } from "../ir/types.ts";
import { type Allocation, allocate, type Memory } from "./memory.ts";
import type { ProgramSpec } from "./plan.ts";
import { type Program, planProgram } from "./program.ts";

/** Programs over one memory: what a back end renders, and what an engine runs. */
export interface Compiled {
  readonly programs: ReadonlyMap<string, Program>;
  readonly kernels: readonly Kernel[];
  readonly layout: Memory;
}

/**
 * From graphs to kernels and a layout of memory. The stages, each in a file of its own:
 *
 * 1. `analyze`: what each node reads, and which segment it runs in; then `recompute`, what is cheaper to compute again
 *    than to keep, and `halo`, the zeros around values.
 * 2. `storage`: where each tensor lives: for a tile, for the batch, for each step of a call, or permanently.
 * 3. `phases`:  segments of samples with barriers between, in parts that threads share; weights packed for the
 *    nests that need them.
 * 4. `schedule`: each nest tiled over registers and across vectors.
 * 5. `liveness` and `memory`: an offset for every buffer, and an arena for each thread; programs share state, and one
 *    another's space.
 */
export function compile(specs: readonly ProgramSpec[], machine: Machine, threads = 1): Compiled {
  const programs = specs.map((spec) => planProgram(spec, machine));
  const work = programs.flatMap((program) => program.phases.flatMap((phase) => phase.work));

  return {
    programs: new Map(programs.map((program) => [program.name, program])),
    kernels: work.map(({ kernel }) => kernel),
    layout: allocate(inOrder(programs), threads),
  };
}

/** The allocations of programs that never run at the same time: each program's positions follow the last one's. */
function inOrder(programs: readonly Program[]): readonly Allocation[] {
  const found = new Map<string, Allocation>();
  let start = 0;
  for (const { allocations } of programs) {
    let end = start;
    for (const { view, live } of allocations) {
      if (live === "always") found.set(view.name, { view, live });
      else {
        if (found.has(view.name)) throw new Error(`${view.name} is a buffer of two programs`);
        found.set(view.name, { view, live: { from: start + live.from, to: start + live.to } });
        end = Math.max(end, start + live.to + 1);
      }
    }
    start = end;
  }
  return [...found.values()];
}
