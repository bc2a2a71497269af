import type { Command } from "commander";
import { fixing, trainingFlag } from "../trainingFlags.ts";

/** The arguments and options of `inkling replay`. */
export function defineReplay(command: Command): void {
  fixing(command)
    .argument("<run>", "the folder of a run, such as runs/lenet-letters-1")
    .argument("[source]", "where its data set is now, if it has moved")
    .option("--test <source>", "where its test set is now, if it has moved")
    .option("--validation <source>", "where its validation set is now, if it has moved")
    .addOption(trainingFlag("backend", "the run's"))
    .addOption(trainingFlag("threads"))
    .option("--fetch", "fetch data that the run names by an address, if they are not in the cache")
    .option("--json", "end with one JSON object on stdout; all other output goes to stderr")
    .addHelpText(
      "after",
      "\nThe exit code is 0 if the weights are the same, and 1 if they are not.\n\nExamples:\n  inkling replay runs/lenet-letters-1\n  inkling replay runs/lenet-letters-1 --backend interpret",
    )
    .action(async (run, source, options) => (await import("./replay.ts")).replayCommand(run, source, options));
}
