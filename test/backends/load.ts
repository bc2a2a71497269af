import type { Backend, Kernels } from "../../src/backends/backend.ts";
import type { Kernel, Layout } from "../../src/ir/types.ts";

/** Kernels built and loaded in this thread, over a memory that there is. */
export async function load(
  backend: Backend,
  kernels: readonly Kernel[],
  layout: Layout,
  memory: WebAssembly.Memory,
): Promise<Kernels> {
  const shared = memory.buffer instanceof SharedArrayBuffer;
  const pages = Math.ceil(layout.bytes / 65536);
  return backend.load(await backend.build(kernels, layout, { pages, shared }), memory);
}
