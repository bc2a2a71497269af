import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { builtPackage, packedPackage } from "./built.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The package as `npm pack` makes it from the sources as they are, and an empty project that has installed it. */
export class Packed {
  readonly #folder = mkdtempSync(join(tmpdir(), "inkling-package-"));
  readonly project = join(this.#folder, "project");
  /** The package before it is packed. */
  readonly source = builtPackage();
  readonly tarball = packedPackage();

  constructor() {
    mkdirSync(this.project);
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
