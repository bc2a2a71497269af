import { chmodSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const {
  exports: exported,
  bin,
  dependencies,
  peerDependencies,
} = JSON.parse(readFileSync(fileURLToPath(new URL("../../package.json", import.meta.url)), "utf8"));

/** The folder of dist that has what the package runs. */
const BUNDLE = "bundle";

/** The modules that `package.json` names, by their paths in dist: of `dist/bundle/node.js`, it is `node.js`. */
const entries = [...Object.values(exported).flatMap((target) => Object.values(target)), ...Object.values(bin)].flatMap(
  (path) => /dist\/bundle\/(.*\.js)$/.exec(path)?.[1] ?? [],
);

/**
 * Writes the folder `bundle`: what the package runs, in a tenth of the files that the compiler has written to `dist`, since Node
 * takes longer to find modules than to run them. Modules that several entries share are in chunks that they share, so that
 * an extension registers what it adds where the command line looks for it.
 *
 * @param {string} dist
 */
export async function writePackage(dist) {
  const folder = join(dist, BUNDLE);
  rmSync(folder, { recursive: true, force: true });
  const built = await rolldown({
    input: Object.fromEntries(entries.map((path) => [path.replace(/\.js$/, ""), join(dist, path)])),
    cwd: dist,
    platform: "node",
    external: [...Object.keys(dependencies), ...Object.keys(peerDependencies)].map(
      (name) => new RegExp(`^${name}(/|$)`),
    ),
    plugins: [keepPlaces(dist)],
  });
  await built.write({ dir: folder, entryFileNames: "[name].js", chunkFileNames: "chunks/[name].js" });
  for (const path of Object.values(bin)) chmodSync(join(dist, "..", path), 0o755);
}

/**
 * Keeps what modules find beside themselves, by `new URL("./place", import.meta.url)`, wherever their code goes: scripts of
 * workers and processes become entries, at their own paths in the bundle; all else stays where it is.
 *
 * @param {string} dist
 * @returns {import("rolldown").Plugin}
 */
const keepPlaces = (dist) => ({
  name: "keep-places",
  transform(code, id) {
    const folder = posix.dirname(relative(dist, id).replaceAll(sep, "/"));
    return code.replaceAll(/new URL\("(\.[^"]*)", import\.meta\.url\)/g, (_, place) => {
      const path = posix.join(folder, place);
      // The worker of the studio's page is with that page, which is bundled on its own.
      if (!path.endsWith(".js") || !existsSync(join(dist, path))) return `new URL("DIST/${path}", import.meta.url)`;
      if (!entries.includes(path)) this.emitFile({ type: "chunk", id: join(dist, path), fileName: path });
      return `new URL("DIST/${BUNDLE}/${path}", import.meta.url)`;
    });
  },
  renderChunk(code, { fileName }) {
    if (/new URL\([^"']*, import\.meta\.url/.test(code))
      throw new Error(`${fileName} has an address that is not a literal`);
    const folder = posix.dirname(`${BUNDLE}/${fileName}`);
    return code.replaceAll(/"DIST\/([^"]*)"/g, (_, path) => {
      const place = posix.relative(folder, path);
      return JSON.stringify(
        `${place.startsWith(".") ? place : `./${place}`}${/[^/]$/.test(path) || place === "" ? "" : "/"}`,
      );
    });
  },
});
