import type { ChildProcess } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { savePack } from "../../src/node.ts";
import { type Finished, finish, Inkling } from "../cli/inkling.ts";
import { bars } from "../training/data.ts";

export interface CommandLine {
  /** Where commands run: it holds `bars.inkling`, `others.inkling` and the recipe `small.mjs`. */
  readonly folder: string;
  /** Runs a command to its end; `during` gets its process at once. */
  inkling(
    args: readonly string[],
    during?: (child: ChildProcess) => void,
    env?: Readonly<Record<string, string>>,
  ): Promise<Finished>;
  /** What the system would give it to write to, such as a cache. */
  readonly elsewhere: string;
  remove(): void;
}

/**
 * A network whose resume needs more than weights: dropout, Adam's slots, moving averages, running statistics, and
 * learning rates that follow validations.
 */
const recipeSource = (library: string) => `
import { adam, batchNormalization, conv2d, dense, dropout, flatten, network, reduceOnPlateau, relu } from ${JSON.stringify(library)};
export default {
  name: "small", description: "a small network", batchSize: 8, length: { steps: 100 },
  network: (spec) => network(spec, [
    conv2d(4, 3, { padding: "same" }), batchNormalization(), relu(), dropout({ keepProbability: 0.8 }),
    flatten(), dense(spec.classes.length),
  ]),
  optimizer: (_steps, rate = 0.01) => adam(reduceOnPlateau(rate, { factor: 0.5, patience: 1 }), { averageDecay: 0.99 }),
};
`;

/** Inkling's command line, with small data and a small recipe to train. */
export async function commandLine(): Promise<CommandLine> {
  const built = new Inkling();
  const folder = built.cwd;
  await savePack(bars(200), join(folder, "bars.inkling"));
  await savePack(bars(200, { stream: 1 }), join(folder, "others.inkling"));
  const library = pathToFileURL(join(dirname(built.main), "../index.js")).href;
  await writeFile(join(folder, "small.mjs"), recipeSource(library));
  return {
    folder,
    elsewhere: built.elsewhere,
    inkling(args, during, env) {
      const child = built.start(args, env);
      during?.(child);
      return finish(child);
    },
    remove: () => built.remove(),
  };
}
