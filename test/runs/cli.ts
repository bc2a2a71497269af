import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { savePack } from "../../src/node.ts";
import { bars } from "../training/data.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));

/** What a command printed, and how it ended. */
export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Inkling's command line, built from the sources as they are, in a folder with data and a recipe of its own. */
export interface CommandLine {
  readonly folder: string;
  /** Runs a command in the folder; `during` gets the process at once. */
  inkling(args: readonly string[], during?: (process: ReturnType<typeof spawn>) => void): Promise<Ended>;
  remove(): Promise<void>;
}

/** A network whose resume needs more than weights: dropout, Adam's slots, and moving averages. */
const recipeSource = (library: string) => `
import { adam, conv2d, dense, dropout, flatten, network, relu } from ${JSON.stringify(library)};
export default {
  name: "small", description: "a small network", batchSize: 8, steps: 100,
  network: (spec) => network(spec, [conv2d(4, 3, { padding: "same" }), relu(), dropout({ keepProbability: 0.8 }), flatten(), dense(spec.classes.length)]),
  optimizer: (rate = 0.01) => adam(rate, { averageDecay: 0.99 }),
};
`;

export async function commandLine(name: string): Promise<CommandLine> {
  const built = join(root, ".cache", `test-${name}`);
  await run(
    process.execPath,
    [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json", "--outDir", built],
    { cwd: root },
  );
  const folder = await mkdtemp(join(tmpdir(), "inkling-"));
  await savePack(bars(200), join(folder, "bars.inkling"));
  await savePack(bars(200, { stream: 1 }), join(folder, "others.inkling"));
  await writeFile(join(folder, "small.mjs"), recipeSource(pathToFileURL(join(built, "index.js")).href));
  return {
    folder,
    inkling: (args, during) =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [join(built, "cli/main.js"), ...args], { cwd: folder });
        const text = { stdout: "", stderr: "" };
        child.stdout.on("data", (chunk) => (text.stdout += chunk));
        child.stderr.on("data", (chunk) => (text.stderr += chunk));
        child.on("error", reject);
        child.on("close", (code, signal) => resolve({ ...text, code, signal }));
        during?.(child);
      }),
    async remove() {
      await rm(folder, { recursive: true, force: true });
      await rm(built, { recursive: true, force: true });
    },
  };
}
