import type { Command } from "commander";

/** The arguments and options of `inkling model`. */
export function defineModel(command: Command): void {
  command
    .argument("<recipe>", "a recipe's name, a model as JSON, or a .ts or .js file that exports a recipe")
    .option("--json", "print the model as JSON")
    .option("--svg <file>", "draw the graph")
    .addHelpText(
      "after",
      "\nExamples:\n  inkling model lenet\n  inkling model lenet --json > model.json\n  inkling model model.json --svg model.svg",
    )
    .action(async (name, options) => (await import("./model.ts")).modelCommand(name, options));
}
