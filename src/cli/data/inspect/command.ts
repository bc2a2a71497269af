import type { Command } from "commander";
import { SOURCE } from "../../arguments.ts";
import { opening } from "../../trainingFlags.ts";

/** The arguments and options of `inkling data inspect`. */
export function defineDataInspect(command: Command): void {
  opening(command)
    .argument("<source>", SOURCE)
    .option("--test <source>", "a separate test set: reports how many of its images are also in the data set")
    .option("--no-near", "skip the search for images that look the same, which takes longest")
    .option(
      "--audit <file>",
      "show what an audit of the labels found, saved with: inkling data audit SOURCE --out FILE",
    )
    .option("--html <file>", "save the full report as a page with pictures")
    .option("--png <file>", "save a PNG with 16 samples of each class")
    .option("--json", "end with one JSON object on stdout; all other output goes to stderr")
    .addHelpText(
      "after",
      "\nExamples:\n  inkling data inspect letters\n  inkling data inspect notMNIST_small.tar.gz --html report.html\n  inkling data inspect mnist#training --test mnist#test",
    )
    .action(async (source, options) => (await import("./inspect.ts")).inspectCommand(source, options));
}
