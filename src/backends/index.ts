import { InklingError } from "../base/error.ts";
import type { Backend } from "./backend.ts";
import { interpretBackend } from "./interpret/backend.ts";
import { wasmBackend } from "./wasm/backend.ts";

export type { Arithmetic, Backend, Code, Kernels, MemorySize } from "./backend.ts";

/** Every back end by name, created on demand, since some probe the engine first. Node adds native code. */
const backends = new Map<string, () => Backend>([
  ["wasm", () => wasmBackend()],
  ["interpret", () => interpretBackend],
]);
let preferred = "wasm";
let wrap = (made: Backend): Backend => made;

/** Adds a back end that is not available everywhere. */
export function registerBackend(name: string, make: () => Backend): void {
  backends.set(name, make);
}

/** The names that {@link backend} knows. */
export const backendNames = (): readonly string[] => [...backends.keys()];

/** Sets the default back end. */
export function preferBackend(name: string): void {
  preferred = name;
}

/** Wraps every back end created from now on by `by`. */
export function wrapBackends(by: (made: Backend) => Backend): void {
  wrap = by;
}

/**
 * A back end by its name: "native", in Node only, where WebAssembly takes over if there is no C compiler; "wasm"; or
 * "interpret". By default native code where it is available, else WebAssembly. Throws `INVALID_ARGUMENT` naming the
 * known ones.
 */
export function backend(name = preferred): Backend {
  const make = backends.get(name);
  if (make) return wrap(make());
  const known = backendNames().join(", ");
  throw new InklingError("INVALID_ARGUMENT", `back end "${name}" is not known; known are ${known}`);
}
