import type { Command } from "commander";

/** The options of `inkling model`. */
export function addModel(inkling: Command): void {
  inkling
    .command("model")
    .description("print a network: layers, output shapes, parameters, multiply-adds")
    .argument("<recipe>", "seed")
    .option("--json", "print the model as JSON")
    .addHelpText("after", "\nExamples:\n  inkling model seed\n  inkling model seed --json > model.json")
    .action(async (name, options) => (await import("../model.ts")).modelCommand(name, options));
}
