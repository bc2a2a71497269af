import type { Backend } from "../../backend.ts";
import { wasmBackend } from "../../wasm/backend.ts";
import { nativeBackend } from "./backend.ts";
import { type Compiler, findCompiler } from "./compiler.ts";

let found: Compiler | string | undefined;

/** This machine's compiler, looked for once, or the reason why there is none. */
export function compilerHere(): Compiler | string {
  found ??= process.platform === "win32" ? "native code is not supported on Windows" : findCompiler();
  return found;
}

/** Why WebAssembly does what native code should. */
const takesOver = (reason: string): Backend => ({
  ...wasmBackend(),
  note: `WebAssembly takes the place of native code: ${reason}`,
});

/** Native code, or WebAssembly where there is no compiler or it fails. */
export function nativeOrWasm(): Backend {
  const compiler = compilerHere();
  if (typeof compiler === "string") return takesOver(compiler);
  const native = nativeBackend(compiler);
  return {
    ...native,
    fallback(failure) {
      const reason = failure instanceof Error ? failure.message : String(failure);
      found = reason; // it is not tried again
      const wasm = takesOver(reason);
      return wasm.arithmetic === native.arithmetic ? wasm : undefined;
    },
  };
}
