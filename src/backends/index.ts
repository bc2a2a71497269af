import { InklingError } from "../base/error.ts";
import { quoted } from "../base/printable.ts";
import type { Backend } from "./backend.ts";
import { interpretBackend } from "./interpret/backend.ts";
import { wasmBackend } from "./wasm/backend.ts";

export type { Arithmetic, Backend } from "./backend.ts";

/** All back ends by name, created on demand, since some of them probe the platform first. Node adds native code. */
const backends = new Map<string, () => Backend>([
  ["wasm", () => wasmBackend()],
  ["interpret", () => interpretBackend],
]);
let preferred = "wasm";
let wrap = (made: Backend): Backend => made;

/** Adds a back end, such as one that is not available on every platform. */
export function registerBackend(name: string, make: () => Backend): void {
  backends.set(name, make);
}

/** The names that {@link backend} knows. */
export const backendNames = (): readonly string[] => [...backends.keys()];

/** Sets the default back end. */
export function preferBackend(name: string): void {
  preferred = name;
}

/** Makes `by` wrap every back end that is created from now on. */
export function wrapBackends(by: (made: Backend) => Backend): void {
  wrap = by;
}

/**
 * A back end by name: "native" (Node only; falls back to WebAssembly if there is no C compiler), "wasm" or "interpret".
 * Default: "native" in Node, "wasm" in browsers. A back end of your own is returned as it is. Throws `INVALID_ARGUMENT` for
 * an unknown name.
 */
export function backend(given: string | Backend = preferred): Backend {
  if (typeof given === "object") return given;
  const make = backends.get(given);
  if (make) return wrap(make());
  const known = backendNames().join(", ");
  throw new InklingError("INVALID_ARGUMENT", `unknown back end ${quoted(given)}; known back ends: ${known}`);
}
