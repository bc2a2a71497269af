import type { Machine } from "../ir/machine.ts";
import type { Kernel, Layout } from "../ir/types.ts";

/** Compiled kernels by name: functions of their axes' values, in the order of `Kernel.axes`. */
export type Kernels = ReadonlyMap<string, (...axes: readonly number[]) => void>;

/** How a·b + c is computed: with one rounding, or, where an engine has no such instruction, with two. */
export type Arithmetic = "fma" | "mul-add";

/** Compiled kernels in a form that `postMessage` can send; each thread loads them itself. */
export interface Code {
  /** The module, the source or the file, as the back end understands it. */
  readonly content: unknown;
  /** The names of its kernels. */
  readonly kernels: readonly string[];
}

/** The one memory of some programs. */
export interface MemorySize {
  /** In pages of 64 KiB. */
  readonly pages: number;
  /** Whether several threads see it. */
  readonly shared: boolean;
}

/** Turns loop IR into functions over one linear memory. It sees IR only, and no ops. */
export interface Backend {
  readonly name: string;
  readonly arithmetic: Arithmetic;
  /** What schedules are chosen for. */
  readonly machine: Machine;
  /** The compiler behind it, where that is not its own: "gcc 12.2.0". */
  readonly compiler?: string;
  /** Why it is used in place of the one that was requested. */
  readonly note?: string;
  /** Generates code, once for all threads. */
  build(kernels: readonly Kernel[], layout: Layout, memory: MemorySize): Promise<Code>;
  /** The code as functions over a memory, in the calling thread. */
  load(code: Code, memory: WebAssembly.Memory): Promise<Kernels>;
  /** The code as readable text, if there is any. */
  readonly source?: (kernels: readonly Kernel[], layout: Layout) => string | Promise<string>;
  /** The back end to fall back on when `build` fails, if there is one. */
  readonly fallback?: (failure: unknown) => Backend | undefined;
}
