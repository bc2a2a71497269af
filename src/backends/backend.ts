import type { Machine } from "../ir/machine.ts";
import type { Kernel, Layout } from "../ir/types.ts";

/** Compiled kernels by name: functions of their axes' values, in the order of `Kernel.axes`. */
export type Kernels = ReadonlyMap<string, (...axes: readonly number[]) => void>;

/** How a·b + c is computed: with one rounding, or, where an engine has no such instruction, with two. */
export type Arithmetic = "fma" | "mul-add";

/** What a back end makes of kernels, in a form that `postMessage` can send: each thread loads it for itself. */
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

/** Turns loop IR into functions over one linear memory. It hears IR and knows nothing of ops. */
export interface Backend {
  readonly name: string;
  readonly arithmetic: Arithmetic;
  /** What schedules are chosen for. */
  readonly machine: Machine;
  /** The compiler behind it, where that is not its own: "gcc 12.2.0". */
  readonly compiler?: string;
  /** Why it takes the place of the one that was wanted. */
  readonly note?: string;
  /** Generates code, once for all threads. */
  build(kernels: readonly Kernel[], layout: Layout, memory: MemorySize): Promise<Code>;
  /** The code as functions over a memory, in the thread that asks. */
  load(code: Code, memory: WebAssembly.Memory): Promise<Kernels>;
  /** The code as text to read, where there is such. */
  readonly source?: (kernels: readonly Kernel[], layout: Layout) => string | Promise<string>;
  /** What takes its place where `build` fails, if anything can. */
  readonly instead?: (failure: unknown) => Backend | undefined;
}
