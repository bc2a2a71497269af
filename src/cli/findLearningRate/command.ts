import type { Command } from "commander";
import { number, opening } from "../arguments.ts";

/** The arguments and options of `inkling lr-find`. */
export function defineFindLearningRate(command: Command): void {
  opening(command)
    .argument("[source]", "a data set (letters)")
    .option("--recipe <name>", "the network and its optimizer: a name, a model.json, or a .ts or .js file", "lenet")
    .option("--batch-size <n>", "images of one step (the recipe's)", number)
    .option("--steps <n>", "steps of the sweep (200)", number)
    .option("--from <rate>", "the first learning rate (0.00001)", number)
    .option("--to <rate>", "the last learning rate (10)", number)
    .option("--seed <n>", "fixes weights, order and dropout (1)", number)
    .option("--init-from <model>", "start from the weights of a run or of a .safetensors file, where layers fit")
    .option("--svg <file>", "draw losses over learning rates")
    .option("--png <file>", "the same as a PNG; text needs one of the usual fonts on this machine")
    .option("--backend <name>", "wasm, or interpret: slow, the definition (wasm)")
    .option("--threads <n>", "threads, which change nothing but the time it takes (all processors)", number)
    .option("--json", "end with one JSON object on stdout; all else goes to stderr")
    .addHelpText(
      "after",
      "\nNothing is saved but the drawings.\n\nExamples:\n  inkling lr-find\n  inkling lr-find notMNIST_small.tar.gz --recipe fast --png rates.png",
    )
    .action(async (source, options) =>
      (await import("./findLearningRate.ts")).findLearningRateCommand(source, options),
    );
}
