import { foldValue, mapStatement, substatements, sumOverExecutions, valuesIn } from "../../ir/traverse.ts";
import type { Kernel, Stmt, Value } from "../../ir/types.ts";
import type { Kernels } from "../backend.ts";

/** One kernel for each function that a kernel calls, which runs that function alone in its enclosing loops. */
export const isolateCalls = (kernel: Kernel): readonly Kernel[] =>
  callsIn(kernel.body).map(({ name, body }) => ({ name: `alone: ${name}`, axes: kernel.axes, body }));

function callsIn(s: Stmt): readonly { readonly name: string; readonly body: Stmt }[] {
  if (s.kind === "call") return [{ name: s.name, body: s.body }];
  const calls = substatements(s).flatMap(callsIn);
  if (s.kind !== "loop") return calls;
  return calls.map(({ name, body }) => ({ name, body: mapStatement(s, { statement: () => body }) }));
}

/** The number of multiply-adds that a statement executes. */
export const multiplyAddsOf = (s: Stmt): number =>
  sumOverExecutions(s, (x) => valuesIn(x).reduce((n, v) => n + multiplyAddsIn(v), 0));

const multiplyAddsIn = (v: Value): number =>
  foldValue<number>(v, (x, inside) => inside.reduce((n, more) => n + more, x.kind === "fma" ? 1 : 0));

const ROUNDS = 5;
const ROUND_MS = 4;

/** Microseconds per call, the fastest of several rounds. */
function time(run: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    let calls = 0;
    do {
      run();
      calls++;
    } while (performance.now() - started < ROUND_MS);
    best = Math.min(best, (1000 * (performance.now() - started)) / calls);
  }
  return best;
}

/**
 * A table of the times of kernels, and of the functions in them by themselves: one part of each, on this thread, on
 * whatever is in memory. It overwrites memory, so it must come last.
 */
export function timeKernels(kernels: readonly Kernel[], compiled: Kernels): string {
  const line = (kernel: Kernel, indent: string) => {
    const run = compiled.get(kernel.name);
    if (!run) return [];
    const microseconds = time(() => run(0, 0, 0));
    const flops = 2 * multiplyAddsOf(kernel.body);
    const rate = flops === 0 ? "" : `${(flops / microseconds / 1000).toFixed(1)} GFLOP/s`;
    const name = `${indent}${kernel.name.replace("alone: ", "")}`;
    return [`${microseconds.toFixed(1).padStart(9)} µs ${rate.padStart(14)}  ${name}`];
  };
  return kernels
    .flatMap((kernel) => [...line(kernel, ""), ...isolateCalls(kernel).flatMap((alone) => line(alone, "  "))])
    .join("\n");
}
