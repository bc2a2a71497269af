import type { Layout } from "../../ir/layout.ts";
import { wasm128 } from "../../ir/machine.ts";
import type { Kernel } from "../../ir/types.ts";
import type { Backend, Kernels } from "../backend.ts";
import { lower } from "../lower/lower.ts";
import { assemble, type Features, type MemoryLimits } from "./assembler.ts";
import { detectFeatures } from "./features.ts";
import { renderRoutines } from "./render.ts";

const PAGE_BYTES = 65536;
/** All of the 4 GiB that addresses reach. */
const MOST_PAGES = 65536;

const isShared = ({ buffer }: WebAssembly.Memory): boolean =>
  typeof SharedArrayBuffer !== "undefined" && buffer instanceof SharedArrayBuffer;

const limitsOf = (layout: Layout, memory: WebAssembly.Memory): MemoryLimits => {
  const pages = Math.ceil(layout.bytes / PAGE_BYTES);
  return isShared(memory) ? { pages, shared: { maximum: MOST_PAGES } } : { pages };
};

/** The WebAssembly module of some kernels: it imports `env.memory` and exports a function for each kernel. */
export const renderModule = (
  kernels: readonly Kernel[],
  layout: Layout,
  memory: MemoryLimits,
  features: Features,
): Uint8Array<ArrayBuffer> => assemble(renderRoutines(lower(kernels), layout, features), memory);

/** WebAssembly with 128-bit SIMD, and fused multiply-adds where the engine has them. */
export function wasmBackend(features: Features = detectFeatures()): Backend {
  return {
    name: "wasm",
    arithmetic: features.fma ? "fma" : "mul-add",
    machine: wasm128,
    async compile(kernels, layout, memory): Promise<Kernels> {
      const bytes = renderModule(kernels, layout, limitsOf(layout, memory), features);
      const { exports } = await WebAssembly.instantiate(await WebAssembly.compile(bytes), { env: { memory } });
      return new Map(kernels.map(({ name }) => [name, exports[name] as (...axes: readonly number[]) => void]));
    },
  };
}
