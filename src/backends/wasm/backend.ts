import { wasm128 } from "../../ir/machine.ts";
import type { Kernel, Layout } from "../../ir/types.ts";
import type { Backend, Code, MemorySize } from "../backend.ts";
import { lower } from "../lower/lower.ts";
import { assemble, type Features, wasmLoad } from "./assembler.ts";
import { detectFeatures } from "./features.ts";
import { renderRoutines } from "./render.ts";

/** The WebAssembly module of some kernels: it imports `env.memory` and exports a function for each kernel. */
const renderModule = (
  kernels: readonly Kernel[],
  layout: Layout,
  memory: MemorySize,
  features: Features,
): Uint8Array<ArrayBuffer> => assemble(renderRoutines(lower(kernels), layout, features), { memory });

/** WebAssembly with 128-bit SIMD, and fused multiply-adds where the engine has them. */
export function wasmBackend(features: Features = detectFeatures()): Backend {
  return {
    name: "wasm",
    arithmetic: features.fma ? "fma" : "mul-add",
    machine: wasm128,
    async build(kernels, layout, memory): Promise<Code> {
      const module = await WebAssembly.compile(renderModule(kernels, layout, memory, features));
      return { content: module, kernels: kernels.map(({ name }) => name) };
    },
    load: wasmLoad,
  };
}
