import { type Command, Option } from "commander";

/** The arguments and options of `inkling ensemble`. */
export function defineEnsemble(command: Command): void {
  command
    .argument("<model...>", "folders of runs, or .safetensors or .onnx files: two or more")
    .requiredOption("--out <file>", "the .safetensors file to write")
    .addOption(
      new Option("--weights <which>", "of runs: the last weights, or those of the best validation (last)").choices([
        "last",
        "best",
      ]),
    )
    .option(
      "--calibrate <source>",
      "labeled images that no model was trained on, such as DATA#validation: calibrates the mean of the probabilities, and gives it thresholds for don't know",
    )
    .option("--force", "replace a file that exists")
    .option("--json", "end with one JSON object on stdout; all other output goes to stderr")
    .addHelpText(
      "after",
      "\nExamples:\n  inkling ensemble runs/lenet-letters-1 runs/fast-letters-1 --out both.safetensors\n  inkling predict both.safetensors photo.jpg",
    )
    .action(async (models, options) => (await import("./ensemble.ts")).ensembleCommand(models, options));
}
