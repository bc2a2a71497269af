import type { Backend } from "../../backend.ts";
import { wasmBackend } from "../../wasm/backend.ts";
import { nativeBackend } from "./backend.ts";
import { type Compiler, findCompiler } from "./compiler.ts";

let found: Compiler | string | undefined;

/** The compiler of this machine, looked up once, or the reason why there is none. */
export function compilerHere(): Compiler | string {
  found ??= process.platform === "win32" ? "native code is not supported on Windows" : findCompiler();
  return found;
}

/** The WebAssembly back end, with a note that explains why it is used instead of native code. */
const wasmInstead = (reason: string): Backend => ({
  ...wasmBackend(),
  note: `using WebAssembly instead of native code: ${reason}`,
});

/** Native code, or WebAssembly if there is no compiler or it fails. */
export function nativeOrWasm(): Backend {
  const compiler = compilerHere();
  if (typeof compiler === "string") return wasmInstead(compiler);
  const native = nativeBackend(compiler);
  return {
    ...native,
    fallback(failure) {
      const reason = failure instanceof Error ? failure.message : String(failure);
      found = reason; // do not try again
      const wasm = wasmInstead(reason);
      return wasm.arithmetic === native.arithmetic ? wasm : undefined;
    },
  };
}
