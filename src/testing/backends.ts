import { type Backend, backend, backendNames } from "../backends/index.ts";
import { wasmBackend } from "../backends/wasm/backend.ts";

/**
 * Every back end that there is here: the interpreter, WebAssembly with and without its fused multiply-add, and in Node
 * native code where there is a C compiler.
 */
export function availableBackends(): readonly Backend[] {
  const own = backendNames()
    .map((name) => backend(name))
    .filter(({ note }) => note === undefined); // else it stands in for another
  return own.some(({ name, arithmetic }) => name === "wasm" && arithmetic === "fma")
    ? [...own, { ...wasmBackend({ fma: false }), name: "wasm without fma" }]
    : own;
}
