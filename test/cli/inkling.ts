import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { builtPackage } from "../package/built.ts";
import { gzip, png, tarOf } from "../sources/files.ts";
import { bars } from "../training/data.ts";

/**
 * Keeps a command to one processor, where the system can: as many files of tests run at once as there are processors, and
 * the threads of one command would wait for those of another.
 */
const PIN =
  spawnSync("/usr/bin/taskset", ["--version"]).status === 0
    ? ["/usr/bin/taskset", "-c", String(Number(process.env["VITEST_POOL_ID"] ?? 0) % availableParallelism())]
    : undefined;

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Names of everything below a folder. */
export const below = (path: string): readonly string[] =>
  readdirSync(path, { recursive: true, encoding: "utf8" }).sort();

/** The command line, compiled from the sources as they are; its own folders are all that it may write to. */
export class Inkling {
  readonly #root = mkdtempSync(join(tmpdir(), "inkling-cli-"));
  readonly #dist = join(builtPackage(), "dist");
  /** Where commands run, the data that they read, and what the system would give them to write to. */
  readonly cwd = join(this.#root, "cwd");
  readonly data = join(this.#root, "data");
  readonly elsewhere = join(this.#root, "elsewhere");
  readonly main = join(this.#dist, "bundle", "cli", "main.js");

  constructor() {
    for (const path of [this.cwd, this.data, this.elsewhere]) mkdirSync(path);
  }

  remove(): void {
    rmSync(this.#root, { recursive: true });
  }

  /** A folder with a folder of PNG images for each class, and an archive of the same. */
  async writeBars(name: string, count: number, stream = 0): Promise<void> {
    const { images, labels, classNames } = bars(count, { classes: 3, stream });
    const files = Array.from(labels, (label, n) => {
      const rows = Array.from({ length: 8 }, (_, r) => [...images.subarray(n * 64 + r * 8, n * 64 + r * 8 + 8)]);
      return [`${name}/${classNames[label]}/${n}.png`, png(8, rows)] as const;
    });
    for (const [path, bytes] of files) {
      mkdirSync(join(this.data, dirname(path)), { recursive: true });
      writeFileSync(join(this.data, path), bytes);
    }
    writeFileSync(join(this.data, `${name}.tar.gz`), gzip(await tarOf(files)));
  }

  /** Starts a command, whose output goes to a pipe, or to an open file. nohup gives an input that cannot be read. */
  start(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    out: "pipe" | number = "pipe",
    input: "ignore" | number = "ignore",
  ): ChildProcess {
    const home = {
      HOME: this.elsewhere,
      TMPDIR: this.elsewhere,
      XDG_CACHE_HOME: this.elsewhere,
      XDG_CONFIG_HOME: this.elsewhere,
    };
    const node = [process.execPath, ...(PIN ? ["--v8-pool-size=0"] : [])]; // without threads that would only take turns
    const [program, ...rest] = [...(PIN ?? []), ...node, this.main, ...args];
    return spawn(program!, rest, {
      cwd: this.cwd,
      // Most tests are not about native code, which takes seconds to compile.
      env: { PATH: process.env["PATH"], INKLING_BACKEND: "wasm", ...home, ...env },
      stdio: [input, out, "pipe"],
    });
  }

  /** The modules of the package that a command loads, by V8's coverage. */
  async modules(...args: readonly string[]): Promise<readonly string[]> {
    const folder = mkdtempSync(join(this.#root, "coverage-"));
    await finish(this.start(args, { NODE_V8_COVERAGE: folder }));
    const dist = pathToFileURL(realpathSync(this.#dist)).href;
    const loaded = below(folder).flatMap((name): readonly string[] => {
      const { result } = JSON.parse(readFileSync(join(folder, name), "utf8")) as { result: { url: string }[] };
      return result.map(({ url }) => url).filter((url) => url.startsWith(dist));
    });
    // A script of the bundle names each module that it is made of.
    const modules = [...new Set(loaded)].flatMap((url) => [
      ...readFileSync(fileURLToPath(url), "utf8").matchAll(/^\/\/ (\S+\.js)$/gm),
    ]);
    return modules.map(([, path]) => path!).sort();
  }

  /** Runs a command to its end. */
  run(...args: readonly string[]): Promise<Finished> {
    return finish(this.start(args));
  }
}

export function finish(child: ChildProcess): Promise<Finished> {
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}
