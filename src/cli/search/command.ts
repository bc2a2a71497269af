import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { trainingOptions } from "../../training/schema.ts";
import { several, time, whole } from "../arguments.ts";
import { attributeOf, trainingFlag } from "../trainingFlags.ts";

/** Training options that a search does not have: it has a budget of its own, and scores trials that start from random weights. */
const LEFT_OUT = ["budget", "initFrom", "checkpointEvery"];
const shared = trainingOptions.filter(({ path }) => !LEFT_OUT.includes(path));

/** Options that cannot be given for a resumed study, which already has them. */
const FIXED = [
  ...shared.filter(({ path }) => !["backend", "threads"].includes(path)).map(({ path }) => attributeOf(path)),
  ...["space", "sampler", "pruning", "factor", "comparisons", "lag", "folds", "out"],
];

/** best:5, or all. */
function kept(text: string): number | "all" {
  const count = Number(/^best:(\d+)$/.exec(text)?.[1]);
  if (text === "all") return text;
  if (count >= 1) return count;
  throw new InvalidArgumentError("expected best:N, such as best:5, or all.");
}

/** The arguments and options of `inkling search`. */
export function defineSearch(command: Command): void {
  command
    .argument("[source]", "letters, or a data set in any format (letters); with --html, also a study")
    .optionsGroup("Search:")
    .option(
      "--space <parameter>",
      'what to vary, instead of the recipe\'s space; may be repeated: "learning-rate=log:0.01..1", "keep-probability=0.3..1", "batch-size=16,32,64", or kernelSize for the recipe\'s own values',
      several,
    )
    .addOption(new Option("--trials <n>", "how many trials (50)").argParser(whole(1)))
    .addOption(
      new Option("--budget <time>", "begin no more trials after this time, such as 10min; resume for more").argParser(
        time,
      ),
    )
    .addOption(
      new Option("--sampler <name>", "how values are drawn (tpe)").choices(["tpe", "quasirandom", "random", "grid"]),
    )
    .addOption(
      new Option(
        "--pruning <how>",
        "whether trials are compared before their end, and only the best continue (none)",
      ).choices(["none", "halving", "hyperband"]),
    )
    .addOption(
      new Option("--factor <n>", "one in this many trials continues after a comparison (3)").argParser(whole(2)),
    )
    .addOption(new Option("--comparisons <n>", "comparisons before the end of a training (2)").argParser(whole(0)))
    .addOption(
      new Option("--workers <n>", "trials at once (one for each processor; with --queue, as many as --lag)").argParser(
        whole(1),
      ),
    )
    .option(
      "--queue [address]",
      "train on other machines, which run: inkling worker ADDRESS; redis://:PASSWORD@HOST:6379, or rediss:// for TLS (INKLING_QUEUE)",
    )
    .addOption(
      new Option("--lag <n>", "the most trials at once that the study allows, now or when resumed (8)").argParser(
        whole(1),
      ),
    )
    .addOption(new Option("--keep <which>", "whose weights to keep: best:N or all (best:5)").argParser(kept))
    .addOption(
      new Option(
        "--folds <k>",
        "cross-validation: train each trial this many times, each time on all but one of as many parts, and score the mean (1)",
      ).argParser(whole(2)),
    )
    .addOption(
      new Option(
        "--confirm <n>",
        "train the winner again with this many other seeds, for an honest score (0)",
      ).argParser(whole(0)),
    )
    .option("--out <folder>", "where to save the study (studies/RECIPE-SOURCE-N)")
    .addOption(
      new Option("--resume <study>", "resume a study that was stopped, or extend it with more --trials").conflicts(
        FIXED,
      ),
    )
    .addOption(
      new Option("--verify <study>", "draw all trials of a study again, train some again, and compare").conflicts(
        FIXED,
      ),
    )
    .addOption(new Option("--replays <n>", "with --verify: how many trials to train again (3)").argParser(whole(1)))
    .option("--fetch", "with --resume or --verify: fetch data that the study names by an address, if not in the cache")
    .option("--html <file>", "write the study as a page; with a study in place of the source, do nothing else")
    .option("--json", "end with one JSON object on stdout; all other output goes to stderr");
  for (const { path, group } of shared) command.addOption(trainingFlag(path).helpGroup(group));
  command
    .addHelpText(
      "after",
      '\nTrials are scored on validation images; the winner alone is tested, once.\nThe same study has the same trials and the same winner for any number of workers.\n\nExamples:\n  inkling search letters --recipe lenet --trials 50\n  inkling search notMNIST_small.tar.gz --recipe lenet --pruning hyperband --budget 1h\n  inkling search letters --space "learning-rate=log:0.01..1" --space "batch-size=16,32,64"\n  inkling search --resume studies/lenet-letters-1 --trials 100\n  inkling search --verify studies/lenet-letters-1',
    )
    .action(async (source, options) => {
      const isStudy = options.html !== undefined && source !== undefined && existsSync(join(source, "journal.jsonl"));
      if (isStudy) await (await import("./writePage.ts")).pageCommand(source, options);
      else if (options.verify === undefined) await (await import("./search.ts")).searchCommand(source, options);
      else await (await import("./verify.ts")).verifyCommand(options.verify, source, options);
    });
}
