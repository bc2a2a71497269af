import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** Beside what is built, what a package may hold; those that are not there yet are left out. */
const kept = ["package.json", "README.md", "LICENSE", "data", "docs"];

/** The package as `npm pack` makes it from the sources as they are, and an empty project that has installed it. */
export class Packed {
  readonly #folder = mkdtempSync(join(tmpdir(), "inkling-package-"));
  /** The package before it is packed. */
  readonly source = join(this.#folder, "source");
  readonly project = join(this.#folder, "project");
  readonly tarball: string;

  constructor() {
    for (const path of [this.source, this.project]) mkdirSync(path);
    for (const name of kept)
      if (existsSync(join(root, name))) cpSync(join(root, name), join(this.source, name), { recursive: true });
    const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
    spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json", "--outDir", join(this.source, "dist")], {
      cwd: root,
    });
    npm(this.source, "pack", "--ignore-scripts", "--pack-destination", this.#folder);
    this.tarball = join(this.#folder, readdirSync(this.#folder).find((name) => name.endsWith(".tgz"))!);
  }

  /**
   * Puts the package into the empty project, as an install would, and beside it what this project has installed of
   * what it depends on, so that no test needs the network.
   */
  install(): void {
    this.write("package.json", JSON.stringify({ name: "empty", private: true, type: "module" }));
    const modules = join(this.project, "node_modules");
    const installed = join(modules, "inkling");
    mkdirSync(installed, { recursive: true });
    execFileSync("tar", ["-xzf", this.tarball, "-C", installed, "--strip-components=1"]);
    for (const name of readdirSync(join(root, "node_modules")))
      if (!name.startsWith(".")) symlinkSync(join(root, "node_modules", name), join(modules, name));
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.project, name), text);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** Standard output of npm, run in a folder. Throws with what it said. */
const npm = (cwd: string, ...args: readonly string[]): string =>
  execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
