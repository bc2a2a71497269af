import type { Kernel } from "../../ir/types.ts";
import type { Kernels } from "../backend.ts";
import { isolateCalls, multiplyAddsOf } from "./isolate.ts";

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
 * whatever is in memory. It spoils what is there, so it is for the end.
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
