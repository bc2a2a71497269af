import type { Command } from "commander";
import { classNames, shape } from "../arguments.ts";

/** The arguments and options of `inkling model`. */
export function defineModel(command: Command): void {
  command
    .argument("<recipe>", "a recipe's name, a model as JSON, or a .ts or .js file that exports a recipe")
    .option("--input <height>x<width>x<channels>", "the shape of its images (28x28x1)", shape)
    .option("--classes <n>", "the number of classes, or their names with commas between them (10)", classNames)
    .option("--json", "print the model as JSON")
    .option("--svg <file>", "draw the graph")
    .addHelpText(
      "after",
      "\nExamples:\n  inkling model lenet\n  inkling model lenet --json > model.json\n  inkling model model.json --svg model.svg\n  inkling model mine.ts --input 64x64x3 --classes 6",
    )
    .action(async (name, options) => (await import("./model.ts")).modelCommand(name, options));
}
