import { type Command, Option } from "commander";
import { number, SOURCE } from "../../arguments.ts";
import { opening, trainingFlag } from "../../trainingFlags.ts";

/** The arguments and options of `inkling data audit`. */
export function defineDataAudit(command: Command): void {
  opening(command)
    .argument("<source>", SOURCE)
    .addOption(trainingFlag("recipe", "fast"))
    .option("--folds <n>", "models, each trained without one part of the images", number, 4)
    .addOption(trainingFlag("epochs", "8, and 500 to 5,000 steps"))
    .addOption(trainingFlag("seed"))
    .addOption(trainingFlag("backend"))
    .addOption(trainingFlag("threads"))
    .option("--top <n>", "suspects of each kind to print", number, 10)
    .option("--out <file>", "save the audit as JSON: all suspects with their probabilities")
    .option("--png <file>", "save a PNG: a row for each kind and class, the labels that are most probably wrong first")
    .option("--html <file>", "save a page to look the suspects through, and to make a fixes file from")
    .option("--write-fixes <file>", "save what is proposed for label errors, without looking")
    .addOption(
      new Option("--label-errors <action>", "what is proposed for label errors")
        .choices(["relabel", "drop"])
        .default("relabel"),
    )
    .option("--drop-unreadable", "propose to drop unreadable images; many are only rare, and can be read by a person")
    .option("--force", "replace a fixes file that is there")
    .option("--json", "end with the audit as one JSON object on stdout; all else goes to stderr")
    .addHelpText(
      "after",
      "\nWith --fixes the data set is audited as it is after these; what they keep is not suspected again.\n\nExamples:\n  inkling data audit letters --html audit.html\n  inkling data audit notmnist-small --out audit.json --write-fixes fixes.json\n  inkling train notmnist-small --fixes fixes.json",
    )
    .action(async (source, options) => (await import("./audit.ts")).auditCommand(source, options));
}
