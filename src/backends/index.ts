import { InklingError } from "../tensor/error.ts";
import type { Backend } from "./backend.ts";
import { interpretBackend } from "./interpretBackend.ts";
import { wasmBackend } from "./wasm/backend.ts";

export type { Arithmetic, Backend, Code, Kernels, MemorySize } from "./backend.ts";

/** Every back end by its name; made when asked for, since some look at the engine first. */
export const backends: Readonly<Record<string, () => Backend>> = {
  wasm: () => wasmBackend(),
  interpret: () => interpretBackend,
};

/** A back end by its name; WebAssembly by default. Throws `INVALID_ARGUMENT` naming the known ones. */
export function backend(name = "wasm"): Backend {
  const make = Object.hasOwn(backends, name) ? backends[name] : undefined;
  if (make) return make();
  const known = Object.keys(backends).join(", ");
  throw new InklingError("INVALID_ARGUMENT", `back end "${name}" is not known; known are ${known}`);
}
