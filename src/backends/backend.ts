import type { Layout } from "../ir/layout.ts";
import type { Machine } from "../ir/machine.ts";
import type { Kernel } from "../ir/types.ts";

/** Compiled kernels by name: functions of their axes' values, in the order of `Kernel.axes`. */
export type Kernels = ReadonlyMap<string, (...axes: readonly number[]) => void>;

/** How a·b + c is computed: with one rounding, or, where an engine has no such instruction, with two. */
export type Arithmetic = "fma" | "mul-add";

/** Turns loop IR into functions over one linear memory. It hears IR and knows nothing of ops. */
export interface Backend {
  readonly name: string;
  readonly arithmetic: Arithmetic;
  /** What schedules are chosen for. */
  readonly machine: Machine;
  compile(kernels: readonly Kernel[], layout: Layout, memory: WebAssembly.Memory): Promise<Kernels>;
}
