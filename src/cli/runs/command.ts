import { type Command, Option } from "commander";

/** The arguments and options of `inkling runs`. */
export function defineRuns(command: Command): void {
  command
    .argument("[folder]", "a folder that contains runs, or a single run", "runs")
    .addOption(
      new Option("--sort <column>", "the order: names and times ascending, results and sizes from the largest")
        .choices(["name", "started", "test", "validation", "parameters", "steps", "time"])
        .default("name"),
    )
    .option("--all", "list all runs, not only the latest 40")
    .option("--diff <runs...>", "compare the settings and results of two runs")
    .option("--html <file>", "save all runs as a page: curves over one another, results, settings that differ")
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      "\nExamples:\n  inkling runs\n  inkling runs --sort test\n  inkling runs --diff runs/lenet-letters-1 runs/fast-letters-1\n  inkling runs runs/lenet-letters-1 --json",
    )
    .action(async (folder, options) => (await import("./runs.ts")).runsCommand(folder, options));
}
