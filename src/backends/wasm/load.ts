import type { Backend, Kernels } from "../backend.ts";

/** A module's functions over a memory. */
export const wasmLoad: Backend["load"] = async ({ content, kernels }, memory): Promise<Kernels> => {
  const { exports } = await WebAssembly.instantiate(content as WebAssembly.Module, { env: { memory } });
  return new Map(kernels.map((name) => [name, exports[name] as (...axes: readonly number[]) => void]));
};
