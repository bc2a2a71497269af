import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { bundledSources } from "../runtime/bundle.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const src = (/** @type {string} */ path) => join(root, "src", path);

/**
 * Writes the studio as static files: a page and its scripts, which load nothing from elsewhere and work at any address. With
 * `letters`, the built-in letters are beside them, as the page expects; a server may have them elsewhere.
 *
 * @param {string} folder
 * @param {{ readonly letters: boolean }} options
 */
export async function buildStudio(folder, { letters }) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const bundle = await rolldown({
    // Named as their files are, which is how they are found beside one another.
    input: {
      main: src("studio/main.tsx"),
      studioWorker: src("studio/worker/studioWorker.ts"),
      webWorker: src("engine/webWorker.ts"),
      decodeWorker: src("image/decodeWorker.ts"),
    },
    platform: "browser",
    tsconfig: join(root, "tsconfig.json"),
    checks: { ineffectiveDynamicImport: false },
    plugins: [/** @type {import("rolldown").Plugin} */ (bundledSources)],
    transform: { target: "es2022" },
  });
  await bundle.write({ dir: folder, minify: true, entryFileNames: "[name].js" });
  copyFileSync(src("studio/index.html"), join(folder, "index.html"));
  if (letters) copyFileSync(join(root, "data/letters.inkling"), join(folder, "letters.inkling"));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , folder = join(root, "studio")] = process.argv;
  await buildStudio(folder, { letters: true });
}
