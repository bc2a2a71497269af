import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { bundledSources } from "./tools/runtime/bundle.mjs";

/** What a file imports that builds the package, runs its commands, opens a browser, or calls a C compiler. */
const STARTS_PROCESSES = /from "[./\w]*\/(inkling|cli|packed|site|native)\.ts"/;

/** The files that start processes take longest. They come first, so that none is left over for a worker alone at the end. */
class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isSlow = ({ moduleId }: TestSpecification) => STARTS_PROCESSES.test(readFileSync(moduleId, "utf8"));
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}

export default defineConfig({
  plugins: [bundledSources],
  test: {
    env: { INKLING_BACKEND: "wasm" }, // most tests are not about native code, which takes seconds to compile
    include: ["test/**/*.test.{ts,tsx}"],
    maxWorkers: "100%", // by default one core is left free, which is half of a machine that has two
    sequence: { sequencer: SlowFirst },
    setupFiles: ["test/setup.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
