import type { Kernel } from "../ir/types.ts";

/** Where each buffer starts in the one memory of a program, in bytes. */
export interface Layout {
  readonly bytes: number;
  readonly offsets: ReadonlyMap<string, number>;
}

/** Compiled kernels by name: functions of their axes' values, in the order of `Kernel.axes`. */
export type Kernels = ReadonlyMap<string, (...axes: readonly number[]) => void>;

/** How a·b + c is computed: with one rounding, or, where an engine has no such instruction, with two. */
export type Arithmetic = "fma" | "mul-add";

/** Turns loop IR into functions over one linear memory. It hears IR and knows nothing of ops. */
export interface Backend {
  readonly name: string;
  readonly arithmetic: Arithmetic;
  /** The widest vector that the scheduler may use, and the registers that hold them. */
  readonly machine: Machine;
  compile(kernels: readonly Kernel[], layout: Layout, memory: WebAssembly.Memory): Promise<Kernels>;
}

/** What the scheduler must know of a processor and of the compiler behind it. */
export interface Machine {
  /** Elements of a vector, a power of two; 1 for none. */
  readonly width: number;
  /** Vector registers that sums and loads can use. */
  readonly registers: number;
}
