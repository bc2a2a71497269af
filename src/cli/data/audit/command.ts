import { type Command, Option } from "commander";
import { number, SOURCE } from "../../arguments.ts";
import { opening, trainingFlag } from "../../trainingFlags.ts";

/** The arguments and options of `inkling data audit`. */
export function defineDataAudit(command: Command): void {
  opening(command)
    .argument("<source>", SOURCE)
    .addOption(trainingFlag("recipe", "fast"))
    .option("--folds <n>", "number of folds: models, each trained without one part of the images", number, 4)
    .addOption(trainingFlag("epochs", "8, but at least 500 and at most 5,000 steps"))
    .addOption(trainingFlag("seed"))
    .addOption(trainingFlag("backend"))
    .addOption(trainingFlag("threads"))
    .option("--top <n>", "number of suspects of each kind to print", number, 10)
    .option("--out <file>", "save the audit as JSON: all suspects with their probabilities")
    .option("--png <file>", "save a PNG: a row per kind and class, the labels most likely to be wrong first")
    .option("--html <file>", "save a page for reviewing suspects and creating a fixes file")
    .option("--write-fixes <file>", "save the proposed label corrections without review")
    .addOption(
      new Option("--label-errors <action>", "what to propose for label errors")
        .choices(["relabel", "drop"])
        .default("relabel"),
    )
    .option("--drop-unreadable", "propose dropping unreadable images; many are only unusual and legible to a person")
    .option("--force", "overwrite an existing fixes file")
    .option("--json", "end with the audit as one JSON object on stdout; all other output goes to stderr")
    .addHelpText(
      "after",
      "\nWith --fixes, the data set is audited after these corrections; images they keep are not suspected again.\n\nExamples:\n  inkling data audit letters --html audit.html\n  inkling data audit notmnist-small --out audit.json --write-fixes fixes.json\n  inkling train notmnist-small --fixes fixes.json",
    )
    .action(async (source, options) => (await import("./audit.ts")).auditCommand(source, options));
}
