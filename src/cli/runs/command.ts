import type { Command } from "commander";

/** The arguments and options of `inkling runs`. */
export function defineRuns(command: Command): void {
  command
    .argument("[folder]", "a folder that contains runs, or a single run", "runs")
    .option("--json", "print one JSON object")
    .addHelpText("after", "\nExamples:\n  inkling runs\n  inkling runs runs/lenet-letters-1 --json")
    .action(async (folder, options) => (await import("./runs.ts")).runsCommand(folder, options));
}
