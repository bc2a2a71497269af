import { createHash } from "node:crypto";
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { bundledSources } from "../runtime/bundle.mjs";
import { withoutOpTests } from "../runtime/withoutOpTests.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const src = (/** @type {string} */ path) => join(root, "src", path);
/** How all scripts are bundled. */
const options = {
  platform: /** @type {const} */ ("browser"),
  tsconfig: join(root, "tsconfig.json"),
  checks: { ineffectiveDynamicImport: false },
};
const sha256 = (/** @type {string | Buffer} */ contents) => createHash("sha256").update(contents).digest("hex");

/**
 * Writes the studio as static files: a page and its scripts, which load nothing from elsewhere and work at any address. With
 * `letters`, for a static host, the built-in letters are beside them, as the page expects, and the service worker that makes
 * the page work without a network, and what installs it; `inkling studio` has the letters elsewhere and needs neither.
 *
 * @param {string} folder
 * @param {{ readonly letters: boolean }} options
 */
export async function buildStudio(folder, { letters }) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const bundle = await rolldown({
    ...options,
    // Named as their files are, which is how they are found beside one another.
    input: {
      main: src("studio/main.tsx"),
      studioWorker: src("studio/worker/studioWorker.ts"),
      webWorker: src("engine/webWorker.ts"),
      decodeWorker: src("image/decodeWorker.ts"),
    },
    plugins: [/** @type {import("rolldown").Plugin} */ (bundledSources), withoutOpTests],
    transform: { target: "es2022" },
  });
  await bundle.write({ dir: folder, minify: true, entryFileNames: "[name].js" });
  const page = readFileSync(src("studio/index.html"), "utf8");
  if (!letters) {
    writeFileSync(join(folder, "index.html"), page.replace(/\n.*rel="(manifest|apple-touch-icon)".*/g, ""));
    copyFileSync(src("studio/public/icon.svg"), join(folder, "icon.svg"));
    return;
  }
  writeFileSync(join(folder, "index.html"), page);
  cpSync(src("studio/public"), folder, { recursive: true });
  copyFileSync(join(root, "data/letters.inkling"), join(folder, "letters.inkling"));
  await writeServiceWorker(folder);
}

/**
 * Adds the service worker of the files in a folder, which has the SHA-256 of each.
 *
 * @param {string} folder
 */
async function writeServiceWorker(folder) {
  const files = Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, sha256(readFileSync(join(folder, name)))]),
  );
  const build = { version: sha256(JSON.stringify(files)).slice(0, 16), files };
  const bundle = await rolldown({
    ...options,
    input: src("studio/serviceWorker.ts"),
    transform: { target: "es2022", define: { BUILD: JSON.stringify(build) } },
  });
  // Not a module: only recent browsers run modules as service workers.
  await bundle.write({ file: join(folder, "serviceWorker.js"), format: "iife", minify: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , folder = join(root, "studio")] = process.argv;
  await buildStudio(folder, { letters: true });
}
