import type { Command } from "commander";
import { number } from "../arguments.ts";
import { opening, trainingFlag } from "../trainingFlags.ts";

/** The arguments and options of `inkling lr-find`. */
export function defineFindLearningRate(command: Command): void {
  opening(command)
    .argument("[source]", "a data set (letters)")
    .addOption(trainingFlag("recipe"))
    .addOption(trainingFlag("batchSize"))
    .option("--steps <n>", "steps of the sweep (200)", number)
    .option("--from <rate>", "the first learning rate (0.00001)", number)
    .option("--to <rate>", "the last learning rate (10)", number)
    .addOption(trainingFlag("seed"))
    .addOption(trainingFlag("initFrom"))
    .option("--svg <file>", "draw losses over learning rates")
    .option("--png <file>", "the same as a PNG; text needs one of the usual fonts on this machine")
    .addOption(trainingFlag("backend"))
    .addOption(trainingFlag("threads"))
    .option("--json", "end with one JSON object on stdout; all else goes to stderr")
    .addHelpText(
      "after",
      "\nNothing is saved but the drawings.\n\nExamples:\n  inkling lr-find\n  inkling lr-find notMNIST_small.tar.gz --recipe fast --png rates.png",
    )
    .action(async (source, options) =>
      (await import("./findLearningRate.ts")).findLearningRateCommand(source, options),
    );
}
