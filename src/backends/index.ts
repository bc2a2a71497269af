import { InklingError } from "../base/error.ts";
import type { Backend } from "./backend.ts";
import { interpretBackend } from "./interpret/backend.ts";
import { wasmBackend } from "./wasm/backend.ts";

export type { Arithmetic, Backend, Code, Kernels, MemorySize } from "./backend.ts";

/** Every back end by its name; made when asked for, since some look at the engine first. Node adds native code. */
const backends = new Map<string, () => Backend>([
  ["wasm", () => wasmBackend()],
  ["interpret", () => interpretBackend],
]);
let preferred = "wasm";
let wrap = (made: Backend): Backend => made;

/** Adds a back end that cannot be everywhere. */
export function registerBackend(name: string, make: () => Backend): void {
  backends.set(name, make);
}

/** The names that {@link backend} knows. */
export const backendNames = (): readonly string[] => [...backends.keys()];

/** Makes a back end the one that is taken where none is named. */
export function preferBackend(name: string): void {
  preferred = name;
}

/** Has every back end that is made from now on go through `by`. */
export function wrapBackends(by: (made: Backend) => Backend): void {
  wrap = by;
}

/**
 * A back end by its name: "native", in Node only, where WebAssembly takes over if there is no C compiler; "wasm"; or
 * "interpret". By default native code where there can be, else WebAssembly. Throws `INVALID_ARGUMENT` naming the
 * known ones.
 */
export function backend(name = preferred): Backend {
  const make = backends.get(name);
  if (make) return wrap(make());
  const known = backendNames().join(", ");
  throw new InklingError("INVALID_ARGUMENT", `back end "${name}" is not known; known are ${known}`);
}
