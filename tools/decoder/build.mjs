/** Builds the decoder, and writes it as src/image/decoderModule.ts and the notices of what it is built from. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";

const here = fileURLToPath(new URL(".", import.meta.url));
const run = (command, args, env) =>
  execFileSync(command, args, { cwd: here, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] });

const sysroot = run(process.env.RUSTC ?? "rustc", ["--print", "sysroot"])
  .toString()
  .trim();
const cargoHome = process.env.CARGO_HOME ?? `${homedir()}/.cargo`;
// Paths of this machine would otherwise stand in the messages of panics.
const hidden = [
  [here.slice(0, -1), "decoder"],
  [cargoHome, "cargo"],
  [dirname(sysroot), "rust"],
].map(([from, to]) => `--remap-path-prefix=${from}=${to}`);

const target = "wasm32-unknown-unknown";
run("cargo", ["build", "--locked", "--release", "--target", target, ...process.argv.slice(2)], {
  RUSTFLAGS: ["-Ctarget-feature=+simd128", ...hidden].join(" "),
});
const wasm = readFileSync(new URL(`target/${target}/release/inkling_decoder.wasm`, import.meta.url));
const packed = deflateRawSync(wasm, { level: 9 });

writeFileSync(
  new URL("../../src/image/decoderModule.ts", import.meta.url),
  `/** The decoder of tools/decoder as a WebAssembly module, ${wasm.length} bytes, by raw deflate and base64. Written by its build. */
export const decoderModule: string =
  "${packed.toString("base64")}";
`,
);

await import("./licenses.mjs");
