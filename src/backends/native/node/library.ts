import { InklingError } from "../../../base/error.ts";
import type { Backend } from "../../backend.ts";

type Kernel = (...axes: readonly number[]) => void;
type NativeKernel = (memory: Uint8Array, ...axes: readonly number[]) => void;

function open(path: string): Readonly<Record<number, NativeKernel>> {
  const library: { readonly exports: Readonly<Record<number, NativeKernel>> } = { exports: {} };
  process.dlopen(library, path);
  return library.exports;
}

/** Throws `UNSUPPORTED` if a library cannot be loaded, for example from a file system that is mounted `noexec`. */
export function checkLibrary(path: string): void {
  try {
    open(path);
  } catch (cause) {
    throw new InklingError("UNSUPPORTED", `compiled code cannot be loaded: ${(cause as Error).message}`, { cause });
  }
}

/** Loads a compiled library in this thread, over a memory. Kernels are by number, in the order of `renderAddon`. */
export function openLibrary(path: string, { buffer }: WebAssembly.Memory): (kernel: number) => Kernel {
  const kernels = open(path);
  const memory = new Uint8Array(buffer);
  return (k) => {
    const kernel = kernels[k]!;
    return (...axes) => kernel(memory, ...axes);
  };
}

/** Loads the kernels of a library over a memory, by name. */
export const nativeLoad: Backend["load"] = async ({ content, kernels }, memory) => {
  const library = openLibrary(content as string, memory);
  return new Map(kernels.map((name, k) => [name, library(k)]));
};
