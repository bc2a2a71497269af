import type { Machine } from "../ir/machine.ts";
import type { Kernel, Layout } from "../ir/types.ts";

/** Compiled kernels by name: functions of the values of their axes, in the order of `Kernel.axes`. */
export type Kernels = ReadonlyMap<string, (...axes: readonly number[]) => void>;

/** How a·b + c is rounded: once, or twice if there is no fused multiply-add instruction. */
export type Arithmetic = "fma" | "mul-add";

/** Compiled kernels in a form that `postMessage` can send to threads, each of which loads them. */
export interface Code {
  /** The module, source or file, in a form that the back end understands. */
  readonly content: unknown;
  /** The names of its kernels. */
  readonly kernels: readonly string[];
}

/** The size of the memory that programs share. */
export interface MemorySize {
  /** In pages of 64 KiB. */
  readonly pages: number;
  /** Whether it is shared between threads. */
  readonly shared: boolean;
}

/** Compiles loop IR to functions over a linear memory. It knows nothing about ops. */
export interface Backend {
  readonly name: string;
  readonly arithmetic: Arithmetic;
  /** The machine to schedule for. */
  readonly machine: Machine;
  /** The external compiler that it uses, if any: "gcc 12.2.0". */
  readonly compiler?: string;
  /** Why it is used instead of the requested back end, if it is a fallback. */
  readonly note?: string;
  /** Generates code, once for all threads. */
  build(kernels: readonly Kernel[], layout: Layout, memory: MemorySize): Promise<Code>;
  /** Loads code in the calling thread, as functions over a memory. */
  load(code: Code, memory: WebAssembly.Memory): Promise<Kernels>;
  /** The generated source, if it is readable text. */
  readonly source?: (kernels: readonly Kernel[], layout: Layout) => string | Promise<string>;
  /** The back end to fall back on when `build` fails, if there is one. */
  readonly fallback?: (failure: unknown) => Backend | undefined;
}
