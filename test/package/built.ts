import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// The package is built once for all files of tests, and again only when what it is made of has changed.

const root = fileURLToPath(new URL("../../", import.meta.url));
const cache = join(root, "node_modules", ".cache", "inkling-build");
const HOUR = 3_600_000;

/** Beside what is compiled, what a package may hold. */
const kept = ["package.json", "README.md", "LICENSE", "data", "docs"];
/** What says how it is compiled and bundled. */
const configurations = ["tsconfig.json", "tsconfig.build.json", "tools/runtime", "tools/studio"];

/** The paths of all files of a folder, or of a file. */
const filesOf = (path: string): readonly string[] =>
  statSync(path).isFile()
    ? [path]
    : readdirSync(path, { recursive: true, encoding: "utf8" })
        .sort()
        .map((name) => join(path, name))
        .filter((name) => statSync(name).isFile());

function digest(): string {
  const hash = createHash("sha256");
  for (const path of ["src", ...configurations, ...kept].flatMap((name) => filesOf(join(root, name)))) {
    const bytes = readFileSync(path);
    hash.update(`${path} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest("hex").slice(0, 16);
}

/** Makes a folder under a temporary name first, since two processes may make it at once: the first one counts. */
function makeOnce(folder: string, make: (path: string) => void): void {
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true });
    for (const path of readdirSync(cache).map((name) => join(cache, name))) {
      // Another process may remove it at the same time.
      const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > HOUR) rmSync(path, { recursive: true, force: true });
    }
    const made = mkdtempSync(`${folder}-`);
    make(made);
    try {
      renameSync(made, folder);
    } catch (error) {
      rmSync(made, { recursive: true });
      if (!existsSync(folder)) throw error;
    }
  }
  utimesSync(folder, new Date(), new Date());
}

function compile(folder: string): void {
  for (const name of kept) cpSync(join(root, name), join(folder, name), { recursive: true });
  // Types are checked elsewhere; what is emitted is what counts here.
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const args = [compiler, "-p", "tsconfig.build.json", "--outDir", join(folder, "dist")];
  const run = (...more: readonly string[]) =>
    spawnSync(process.execPath, [...args, ...more], { cwd: root, encoding: "utf8" }).stdout;
  // As `npm run build` does: what is said of a name stands in its types alone.
  const stdout = run("--emitDeclarationOnly") + run("--declaration", "false", "--removeComments");
  if (!existsSync(join(folder, "dist", "cli", "main.js"))) throw new Error(`the package does not compile:\n${stdout}`);
  execFileSync(process.execPath, [join(root, "tools", "runtime", "build.mjs"), join(folder, "dist")]);
}

let built: string | undefined;

/** The package as `npm pack` finds it, compiled from the sources as they are. Not to be written to. */
export function builtPackage(): string {
  if (built) return built;
  const folder = join(cache, digest());
  makeOnce(folder, compile);
  built = folder;
  return folder;
}

/** The package as `npm pack` makes it. */
export function packedPackage(): string {
  const source = builtPackage();
  const folder = `${source}-packed`;
  makeOnce(folder, (path) => {
    const args = ["pack", "--ignore-scripts", "--pack-destination", path];
    execFileSync("npm", args, { cwd: source, stdio: ["ignore", "pipe", "pipe"] });
  });
  return join(folder, readdirSync(folder).find((name) => name.endsWith(".tgz"))!);
}
