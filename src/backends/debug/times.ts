import { foldValue, mapStatement, substatements, sumOverExecutions, valuesIn } from "../../ir/traverse.ts";
import type { Kernel, Stmt, Value } from "../../ir/types.ts";
import type { Kernels } from "../backend.ts";

/** Kernels that each run one function of a kernel alone, in the loops around it. */
export const isolateCalls = (kernel: Kernel): readonly Kernel[] =>
  callsIn(kernel.body).map(({ name, body }) => ({ name: `alone: ${name}`, axes: kernel.axes, body }));

function callsIn(s: Stmt): readonly { readonly name: string; readonly body: Stmt }[] {
  if (s.kind === "call") return [{ name: s.name, body: s.body }];
  const calls = substatements(s).flatMap(callsIn);
  if (s.kind !== "loop") return calls;
  return calls.map(({ name, body }) => ({ name, body: mapStatement(s, { statement: () => body }) }));
}

/** The multiply-adds of a statement. */
export const multiplyAddsOf = (s: Stmt): number =>
  sumOverExecutions(s, (x) => valuesIn(x).reduce((n, v) => n + multiplyAddsIn(v), 0));

const multiplyAddsIn = (v: Value): number =>
  foldValue<number>(v, (x, inside) => inside.reduce((n, more) => n + more, x.kind === "fma" ? 1 : 0));

const ROUNDS = 5;
const ROUND_MS = 4;

/** The fastest of some rounds, in microseconds a call. */
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
 * A table of how long kernels take, and the functions in them by themselves: one part of each, on this thread, over
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
