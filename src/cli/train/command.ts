import { type Command, Option } from "commander";
import { namesOf } from "../../training/optionText.ts";
import { trainingOptions } from "../../training/schema.ts";
import { number } from "../arguments.ts";
import { attributeOf, trainingFlag } from "../trainingFlags.ts";

/** Options that cannot be given for a resumed run, which already has them. */
const FIXED = trainingOptions.filter(({ resumable }) => !resumable).map(({ path }) => attributeOf(path));

/** The arguments and options of `inkling train`. */
export function defineTrain(command: Command): void {
  command.argument(
    "[source]",
    "letters; a folder of images for each class, or an archive of one; or a CSV, NumPy, Parquet or .inkling file (letters)",
  );
  for (const { path, group } of trainingOptions) command.addOption(trainingFlag(path).helpGroup(group));
  command
    .optionsGroup("Machine:")
    .option("--tune", "first time which loops are fastest on this machine, and remember it; does not affect weights")
    .optionsGroup("Run:")
    .addOption(new Option("--decayed <which>", "the former name of --weight-decay-mask").argParser(namesOf).hideHelp())
    .option("--out <folder>", "where to save the run (runs/RECIPE-SOURCE-N)")
    .addOption(
      new Option(
        "--resume <run>",
        "resume a stopped run, its folder or a file from a browser, with its own data and settings",
      ).conflicts([...FIXED, ...["decayed", "out", "tune"]]),
    )
    .addOption(
      new Option("--extend <n>", "with --resume: extend the run by this many steps")
        .argParser(number)
        .conflicts("steps"),
    )
    .option("--force", "with --resume: resume even if this machine or version leads to different weights")
    .option("--fetch", "with --resume: fetch data that the run names by an address, if they are not in the cache")
    .addOption(
      new Option("--log <form>", "how to print validations: a line of a table each, or three lines as in the article")
        .choices(["table", "article"])
        .default("table"),
    )
    .option("--require-learning", "exit with code 1 unless the losses show that the network has learned")
    .option("--json", "end with one JSON object on stdout; all other output goes to stderr")
    .addHelpText(
      "after",
      "\nExamples:\n  inkling train --steps 3000 --learning-rate 0.05\n  inkling train notMNIST_large.tar.gz --test notMNIST_small.tar.gz \\\n    --training-size 200000 --validation-size 10000\n  inkling train letters --learning-rate 0.05 --keep-probability 0.5 --validate-with-dropout\n  inkling train letters --recipe fast --epochs 60 --early-stopping 10\n  inkling train notMNIST_small.tar.gz --init-from runs/lenet-letters-1 --learning-rate 0.01\n  inkling train --resume runs/lenet-letters-1 --extend 2000",
    )
    .action(async (source, options) => {
      if (options.resume === undefined) await (await import("./train.ts")).trainCommand(source, options);
      else await (await import("./resume.ts")).resumeCommand(options.resume, source, options);
    });
  command.on("option:decayed", (which: string) =>
    command.setOptionValueWithSource("weightDecayMask", namesOf(which), "cli"),
  );
}
