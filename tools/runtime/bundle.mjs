import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { build } from "vite";
import { withoutOpTests } from "./withoutOpTests.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/**
 * A module and all that it imports, minified, as one script.
 *
 * @param {string} entry
 * @param {"es" | "iife"} format
 */
async function bundled(entry, format) {
  const built = await build({
    configFile: false,
    logLevel: "error",
    root,
    build: {
      write: false,
      target: "es2022",
      lib: { entry: join(root, entry), formats: [format], name: "bundle" },
      rolldownOptions: { output: { minify: true } },
    },
  });
  const [{ output }] = /** @type {import("vite").Rolldown.RolldownOutput[]} */ (built);
  if (output.length !== 1) throw new Error(`${entry} becomes ${output.length} files, expected one`);
  return output[0].code;
}

/**
 * The source of `runtimeSource.js`: what an exported package runs, as one minified module in a string.
 *
 * @returns {Promise<string>}
 */
export async function runtimeModule() {
  const notice = `/*! The runtime of Inkling ${version}, MIT License, Copyright (c) 2026 The Inkling authors */`;
  return moduleOf("runtimeSource", `${notice}\n${await bundled("src/export/package/runtime.ts", "es")}`);
}

/**
 * The source of `liveSource.js`: the script of pages, as one minified script in a string.
 *
 * @returns {Promise<string>}
 */
export async function liveModule() {
  const notice = "/*! With Preact (MIT License) and d3-scale and d3-shape (ISC License) */";
  return moduleOf("liveSource", `${notice}\n${await bundled("src/report/pages/liveScript.tsx", "iife")}`);
}

/**
 * Writes the folder `standalone`: all that runs in a browser as a module, `inkling.js`, and the scripts of the workers that it
 * starts, which share the rest. What is bundled is what the compiler has written to `dist`.
 *
 * @param {string} dist
 */
export async function writeStandalone(dist) {
  const notice = `/*! Inkling ${version}, MIT License, Copyright (c) 2026 The Inkling authors; with valibot, fflate, fzstd, @noble/hashes and umap-js (MIT License) */`;
  const bundle = await rolldown({
    // Named as their files are, which is how they are found beside one another.
    input: {
      inkling: join(dist, "standalone.js"),
      trainWorker: join(dist, "browser/trainWorker.js"),
      webWorker: join(dist, "engine/webWorker.js"),
      decodeWorker: join(dist, "image/decodeWorker.js"),
    },
    platform: "browser",
    plugins: [withoutOpTests],
    transform: { target: "es2022" },
  });
  rmSync(join(dist, "standalone"), { recursive: true, force: true });
  await bundle.write({ dir: join(dist, "standalone"), minify: true, banner: notice, entryFileNames: "[name].js" });
}

/** @param {string} name @param {string} code */
const moduleOf = (name, code) => `export const ${name} = ${JSON.stringify(code)};\n`;

const modules = { runtimeSource: runtimeModule, liveSource: liveModule };

/**
 * Makes both when they are imported, for what runs or bundles the sources as they are.
 *
 * @type {import("vite").Plugin}
 */
export const bundledSources = {
  name: "bundled-sources",
  resolveId: (id) => {
    const name = /\/(\w+)\.js$/.exec(id)?.[1];
    return name !== undefined && name in modules ? `\0${name}` : undefined;
  },
  load: (id) => modules[/** @type {keyof typeof modules} */ (id.slice(1))]?.(),
};
