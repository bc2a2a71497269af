#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { InklingError } from "../tensor/error.ts"; // not ../index.ts, which would load all of the library for --help
import { imageSize, number } from "./arguments.ts";

/** The commands; each loads its own code when it runs, so that `--help` is quick. */
function program(): Command {
  const inkling = new Command("inkling")
    .description("Trains small image classifiers: in TypeScript, with no Python.")
    .version("0.1.0")
    .exitOverride()
    .addHelpText(
      "after",
      "\nExamples:\n  inkling train                           the built-in letters A–J\n  inkling train notMNIST_small.tar.gz     an archive with a folder for each class\n  inkling evaluate runs/seed-letters-1    the run's own test images\n  inkling model seed                      the network as a table",
    );

  inkling
    .command("train")
    .description("train a network on a data set and test it")
    .argument(
      "[source]",
      "letters, a folder with a folder for each class, a .tar.gz of one, or an .inkling file",
      "letters",
    )
    .option("--recipe <name>", "the network and its settings", "seed")
    .option("--steps <n>", "updates of the weights (recipe seed: 1001)", number)
    .option("--batch-size <n>", "images of one step (recipe seed: 16)", number)
    .option("--learning-rate <rate>", "at the first step (recipe seed: 0.1)", number)
    .option("--keep-probability <p>", "of dropout; 1 drops nothing (recipe seed: 1)", number)
    .option("--seed <n>", "fixes weights, split, order and dropout", number, 1)
    .option("--test <source>", "test on this data set; the other one only trains and validates")
    .option("--training-size <n>", "training images, as a number or a share (all that is left)", number)
    .option("--validation-size <n>", "validation images, as a number or a share (0.1)", number)
    .option("--test-size <n>", "test images, as a number or a share (0.1)", number)
    .option("--resize <height>x<width>", "resize images that have another size", imageSize)
    .option("--validate-every <n>", "steps between validations (50)", number)
    .option("--validate-with-dropout", "leave dropout on while validating, as the seed's author did")
    .option("--backend <name>", "wasm, or interpret: slow, the definition", "wasm")
    .option("--out <folder>", "where the run is saved (runs/RECIPE-SOURCE-N)")
    .option("--json", "end with one JSON object on stdout; all else goes to stderr")
    .addHelpText(
      "after",
      "\nExamples:\n  inkling train --steps 3000 --learning-rate 0.05\n  inkling train notMNIST_large.tar.gz --test notMNIST_small.tar.gz \\\n    --training-size 200000 --validation-size 10000\n  inkling train letters --keep-probability 0.5 --validate-with-dropout",
    )
    .action(async (source, options) => (await import("./train.ts")).trainCommand(source, options));

  inkling
    .command("evaluate")
    .description("score a run on its own test images, or on every readable image of a source")
    .argument("<run>", "the folder of a run, such as runs/seed-letters-1")
    .argument("[source]", "a data set with the same classes")
    .option("--backend <name>", "wasm or interpret", "wasm")
    .option("--json", "end with one JSON object on stdout; all else goes to stderr")
    .addHelpText(
      "after",
      "\nExamples:\n  inkling evaluate runs/seed-letters-1\n  inkling evaluate runs/seed-letters-1 notMNIST_small.tar.gz --json",
    )
    .action(async (run, source, options) => (await import("./evaluate.ts")).evaluateCommand(run, source, options));

  inkling
    .command("model")
    .description("print a network: layers, output shapes, parameters, multiply-adds")
    .argument("<recipe>", "seed")
    .option("--json", "print the model as JSON")
    .addHelpText("after", "\nExamples:\n  inkling model seed\n  inkling model seed --json > model.json")
    .action(async (name, options) => (await import("./model.ts")).modelCommand(name, options));
  return inkling;
}

/** 2: the command is used wrongly. 1: it failed. 130: Ctrl-C. */
function exitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof InklingError && error.code === "ABORTED") return 130;
  return error instanceof InklingError && error.code === "INVALID_ARGUMENT" ? 2 : 1;
}

/** One or two lines for what a person can mend; what is left is a fault of Inkling's. */
function report(error: unknown): void {
  if (error instanceof CommanderError) return; // commander has said it
  if (error instanceof InklingError) process.stderr.write(`inkling: ${error.message}\n`);
  else {
    const what = error instanceof Error ? error.message : String(error);
    process.stderr.write(
      `inkling: unexpected error: ${what}\n  This is a fault of Inkling's; set INKLING_DEBUG=1 to see where it happened.\n`,
    );
    if (process.env["INKLING_DEBUG"] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  }
}

// A reader that has seen enough, such as head, is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

try {
  await program().parseAsync();
} catch (error) {
  report(error);
  process.exitCode = exitCode(error);
}
