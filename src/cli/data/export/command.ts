import type { Command } from "commander";
import { FORMATS, number, SOURCE } from "../../arguments.ts";
import { opening, trainingFlag } from "../../trainingFlags.ts";

/** Options shared by all commands that write data sets. */
const writing = (command: Command): Command =>
  opening(command)
    .option("--format <name>", `${FORMATS.join(", ")} (default: by the name of the file; a folder ends in /)`)
    .option("--seed <n>", "seed of everything random", number, 1)
    .option("--force", "overwrite existing files")
    .option("--json", "end with one JSON object on stdout; all other output goes to stderr");

const sizes = (command: Command): Command =>
  command
    .addOption(trainingFlag("split.by"))
    .addOption(trainingFlag("split.training"))
    .addOption(trainingFlag("split.validation"))
    .addOption(trainingFlag("split.test"))
    .addOption(trainingFlag("split.keepTogether"));

/** The arguments and options of `inkling data export`. */
export function defineDataExport(command: Command): void {
  sizes(writing(command))
    .argument("<source>", SOURCE)
    .argument("<to>", "such as notMNIST.pickle, digits.npz, train-images-idx3-ubyte.gz, letters/")
    .option("--protocol <n>", "pickle protocol, 2 to 5; Python 2 reads 2 (4)", number)
    .addHelpText(
      "after",
      "\nExamples:\n  inkling data export notmnist-large notMNIST.pickle --training-size 200000 \\\n    --validation-size 10000 --test-size 10000\n  inkling data export letters letters.zip",
    )
    .action(async (source, to, options) => (await import("./export.ts")).exportCommand(source, to, options));
}

/** The arguments and options of `inkling data split`. */
export function defineDataSplit(command: Command): void {
  sizes(writing(command))
    .argument("<source>", SOURCE)
    .argument("<folder>", "the folder to write to")
    .addHelpText("after", "\nExample:\n  inkling data split letters letters-split --test-size 2000")
    .action(async (source, folder, options) => (await import("./export.ts")).splitCommand(source, folder, options));
}

/** The arguments and options of `inkling data sample`. */
export function defineDataSample(command: Command): void {
  writing(command)
    .argument("<source>", SOURCE)
    .argument("<to>", "such as few.inkling")
    .requiredOption("--size <n>", "number of images, or a fraction", number)
    .addHelpText("after", "\nExample:\n  inkling data sample notmnist-large few.inkling --size 20000")
    .action(async (source, to, options) => (await import("./export.ts")).sampleCommand(source, to, options));
}

/** The arguments and options of `inkling data merge`. */
export function defineDataMerge(command: Command): void {
  writing(command)
    .argument("<sources...>", SOURCE)
    .requiredOption("--out <to>", "such as all.inkling")
    .addHelpText("after", "\nExample:\n  inkling data merge letters notmnist-small --out all.inkling")
    .action(async (sources, options) => (await import("./export.ts")).mergeCommand(sources, options));
}
