import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const inSource = (/** @type {string} */ file) => fileURLToPath(new URL(file, import.meta.url));

/**
 * The programs that measure the machine's peak: multiply-adds in registers, in native code and in WebAssembly. They
 * speak the contenders' protocol, and say in each reply how many multiplications and additions a step has.
 */
export function peakCommands() {
  mkdirSync(inSource("../.cache"), { recursive: true });
  const program = inSource("../.cache/peak");
  execFileSync(process.env["CC"] ?? "gcc", ["-O2", "-march=native", "-pthread", inSource("peak.c"), "-o", program]);
  return {
    native: (/** @type {number} */ threads) => [program, `${threads}`],
    wasm: (/** @type {number} */ threads) => [process.execPath, inSource("wasmPeak.mjs"), `${threads}`],
  };
}
