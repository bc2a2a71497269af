import type { Command } from "commander";

/** The options of `inkling runs`. */
export function addRuns(inkling: Command): void {
  inkling
    .command("runs")
    .description("list runs: how far they are, how well they do, and what differs in their settings")
    .argument("[folder]", "a folder that holds runs, or one run", "runs")
    .option("--json", "print one JSON object")
    .addHelpText("after", "\nExamples:\n  inkling runs\n  inkling runs runs/lenet-letters-1 --json")
    .action(async (folder, options) => (await import("./runs.ts")).runsCommand(folder, options));
}
