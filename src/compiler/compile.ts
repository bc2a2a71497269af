import type { Machine } from "../ir/machine.ts";
import type { Kernel } from "../ir/types.ts";
import { type Allocation, allocate, type Memory } from "./memory.ts";
import type { ProgramSpec } from "./plan.ts";
import { type Program, planProgram } from "./program.ts";

/** Compiled programs that share one memory: kernels for a back end, and programs for an engine. */
export interface Compiled {
  readonly programs: ReadonlyMap<string, Program>;
  readonly kernels: readonly Kernel[];
  readonly layout: Memory;
}

/**
 * Compiles graphs to kernels and a memory layout. The stages, each in its own file:
 *
 * 1. `analyze` finds what each node reads and the segment that it runs in; then `recompute` chooses values that are
 *    cheaper to recompute than to keep, and `halo` the zeros around values.
 * 2. `storage` decides where each tensor lives: per tile, per batch, per step of a call, or permanently.
 * 3. `phases` arranges nodes in segments of samples with barriers between them, in parts that threads share, and packs
 *    weights for the nests that need them.
 * 4. `schedule` tiles each nest over registers and vectors.
 * 5. `liveness` and `memory` assign an offset to each buffer and an arena to each thread; programs share state, and
 *    reuse each other's space.
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

/** The allocations of programs that never run at the same time: the positions of each follow those of the one before. */
function inOrder(programs: readonly Program[]): readonly Allocation[] {
  const found = new Map<string, Allocation>();
  let start = 0;
  for (const { allocations } of programs) {
    let end = start;
    for (const { view, live } of allocations) {
      if (live === "always") found.set(view.name, { view, live });
      else {
        if (found.has(view.name)) throw new Error(`${view.name} is a buffer in two programs`);
        found.set(view.name, { view, live: { from: start + live.from, to: start + live.to } });
        end = Math.max(end, start + live.to + 1);
      }
    }
    start = end;
  }
  return [...found.values()];
}
