import type { Command } from "commander";
import { number } from "../arguments.ts";
import { opening, trainingFlag } from "../trainingFlags.ts";

/** The arguments and options of `inkling lr-find`. */
export function defineFindLearningRate(command: Command): void {
  opening(command)
    .argument("[source]", "a data set (letters)")
    .addOption(trainingFlag("recipe"))
    .addOption(trainingFlag("batchSize"))
    .option("--steps <n>", "number of steps of the sweep (200)", number)
    .option("--from <rate>", "the first learning rate (0.00001)", number)
    .option("--to <rate>", "the last learning rate (10)", number)
    .addOption(trainingFlag("seed"))
    .addOption(trainingFlag("initFrom"))
    .option("--svg <file>", "save a plot of loss against learning rate")
    .option("--png <file>", "the same as a PNG; its text requires a common font on this machine")
    .addOption(trainingFlag("backend"))
    .addOption(trainingFlag("threads"))
    .option("--json", "end with one JSON object on stdout; all other output goes to stderr")
    .addHelpText(
      "after",
      "\nNothing is saved except the plots.\n\nExamples:\n  inkling lr-find\n  inkling lr-find notMNIST_small.tar.gz --recipe fast --png rates.png",
    )
    .action(async (source, options) =>
      (await import("./findLearningRate.ts")).findLearningRateCommand(source, options),
    );
}
