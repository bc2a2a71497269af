import { setFlagsFromString } from "node:v8";

/** A function that multiplies and adds with `relaxed_madd`. */
const probe = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00],
  ...[0x0a, 0x10, 0x01, 0x0e, 0x01, 0x01, 0x7b, 0x20, 0x00, 0x20, 0x00, 0x20, 0x00, 0xfd, 0x85, 0x02, 0x1a, 0x0b],
);

/**
 * Enables relaxed SIMD in Node 20 and 21, where it is behind a flag. Must be called before the first module
 * is compiled. Later versions have it by default, and report an error for the flag.
 */
export function enableRelaxedSimd(): void {
  if (WebAssembly.validate(probe)) return;
  const major = Number(process.versions.node.split(".")[0]);
  if (major === 20 || major === 21) setFlagsFromString("--experimental-wasm-relaxed-simd");
}
