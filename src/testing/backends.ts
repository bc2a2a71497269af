import { type Backend, backend, backendNames } from "../backends/index.ts";
import { wasmBackend } from "../backends/wasm/backend.ts";

/**
 * All back ends available on this platform: the interpreter, WebAssembly with and without fused multiply-adds, and, in
 * Node with a C compiler, native code.
 */
export function availableBackends(): readonly Backend[] {
  const own = backendNames()
    .map((name) => backend(name))
    .filter(({ note }) => note === undefined); // with a note, it is a fallback for another
  return own.some(({ name, arithmetic }) => name === "wasm" && arithmetic === "fma")
    ? [...own, { ...wasmBackend({ fma: false }), name: "wasm without fma" }]
    : own;
}
