import type { Kernels } from "../backends/backend.ts";
import type { Program } from "../compiler/program.ts";
import type { Synchronization } from "./synchronization.ts";

/** A call of a kernel, repeated in each step with the arguments (step, part, arena). */
interface Call {
  readonly kernel: string;
  readonly part: number;
}

/** The calls of a program by phase. Those of one phase may run in parallel. */
export type Calls = readonly (readonly Call[])[];

/** The calls of a planned program. */
export const callsOf = ({ phases }: Program): Calls =>
  phases.map(({ work }) =>
    work.flatMap(({ kernel, parts, first = 0 }) =>
      Array.from({ length: parts }, (_, k) => ({ kernel: kernel.name, part: first + k })),
    ),
  );

/** A program as run by one thread. `arena` is the offset of its arena from the first one, in words. */
export class Steps {
  readonly #phases: readonly (readonly ((step: number) => void)[])[];

  constructor(calls: Calls, kernels: Kernels, arena: number) {
    this.#phases = calls.map((phase) =>
      phase.map(({ kernel, part }) => {
        const run = kernels.get(kernel)!;
        return (step: number) => run(step, part, arena);
      }),
    );
  }

  /** Runs all of the work. */
  runAlone(steps: number): void {
    for (let step = 0; step < steps; step++) for (const calls of this.#phases) for (const call of calls) call(step);
  }

  /** Shares the work with other threads. Returns when all of it is done, or when a thread has failed. */
  runTogether(steps: number, threads: Synchronization): void {
    try {
      for (let step = 0; step < steps; step++)
        for (const calls of this.#phases) {
          for (let k = threads.next(); k < calls.length; k = threads.next()) calls[k]!(step);
          if (!threads.arrive()) return;
        }
    } catch (error) {
      threads.fail(String(error));
    }
  }
}
