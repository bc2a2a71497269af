import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { bundledSources } from "./tools/runtime/bundle.mjs";

/** What a file imports that builds the package, runs its commands, opens a browser, or calls a C compiler. */
const STARTS_PROCESSES = /from "[./\w]*\/(inkling|cli|packed|site|native)\.ts"/;

/**
 * What a file contains that changes what others share: registered formats, threads, modules or globals replaced, the
 * environment, output that is captured.
 */
const CHANGES_GLOBALS =
  /\b(register[A-Z]\w*|useThreads|preferBackend)\(|vi\.(mock|stubEnv|stubGlobal|spyOn)|process\.env\[[^\]]*\] =|process\.chdir|\/printed\.ts"/;

/** The files that start processes take longest. They come first, so that none is left over for a worker alone at the end. */
class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isSlow = ({ moduleId }: TestSpecification) => STARTS_PROCESSES.test(readFileSync(moduleId, "utf8"));
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}

const files = readdirSync("test", { recursive: true, encoding: "utf8" })
  .filter((name) => /\.test\.tsx?$/.test(name))
  .map((name) => `test/${name.replaceAll("\\", "/")}`);
const changesGlobals = (file: string): boolean => CHANGES_GLOBALS.test(readFileSync(file, "utf8"));

const GIGABYTE = 1e9;
const MEMORY = "/dev/shm";

/** Where tests put their files: in memory where there is room for them, since most of what is written waits for the disk. */
function temporaryFolder(): Readonly<Record<string, string>> {
  if (process.env["TMPDIR"] || !existsSync(MEMORY)) return {};
  const { bavail, bsize } = statfsSync(MEMORY);
  if (bavail * bsize < 8 * GIGABYTE) return {};
  const folder = mkdtempSync(join(MEMORY, "inkling-tests-"));
  chmodSync(folder, 0o755); // some tests are about what other users could do
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return { TMPDIR: folder };
}

export default defineConfig({
  plugins: [bundledSources],
  test: {
    // Most tests are not about native code, which takes seconds to compile.
    env: { ...temporaryFolder(), INKLING_BACKEND: "wasm" },
    // Most files share the modules that they import, which saves loading them 200 times.
    projects: [
      {
        extends: true,
        test: { name: "shared", isolate: false, include: files.filter((file) => !changesGlobals(file)) },
      },
      { extends: true, test: { name: "isolated", include: files.filter(changesGlobals) } },
    ],
    maxWorkers: "100%", // by default one core is left free, which is half of a machine that has two
    sequence: { sequencer: SlowFirst },
    setupFiles: ["test/setup.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
