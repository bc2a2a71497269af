import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * The source of `runtimeSource.js`: what an exported package runs, as one minified module in a string.
 *
 * @returns {Promise<string>}
 */
export async function runtimeModule() {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const built = await build({
    configFile: false,
    logLevel: "error",
    root,
    build: {
      write: false,
      target: "es2022",
      lib: { entry: join(root, "src/export/package/runtime.ts"), formats: ["es"] },
      rolldownOptions: { output: { minify: true } },
    },
  });
  const [{ output }] = /** @type {import("vite").Rolldown.RolldownOutput[]} */ (built);
  if (output.length !== 1) throw new Error(`the runtime is ${output.length} files, expected one`);
  const code = `/*! The runtime of Inkling ${version}, MIT License, Copyright (c) 2026 The Inkling authors */\n${output[0].code}`;
  return `export const runtimeSource = ${JSON.stringify(code)};\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , dist = join(root, "dist")] = process.argv;
  writeFileSync(join(dist, "export/package/runtimeSource.js"), await runtimeModule());
}
