import { type Command, Option } from "commander";
import { share } from "../arguments.ts";
import { fixing, trainingFlag } from "../trainingFlags.ts";

/** The arguments and options of `inkling compare`. */
export function defineCompare(command: Command): void {
  fixing(command)
    .usage("[options] <run...> [source]") // commander allows nothing after several, so that the source is one of them
    .argument(
      "<run...>",
      "folders of runs or files of models, the first one to compare the others with; and, at the end, a data set: without it, the test images that the runs share",
    )
    .addOption(
      new Option("--weights <which>", "the last weights, or those of the best validation")
        .choices(["last", "best"])
        .default("last"),
    )
    .addOption(trainingFlag("valueRange", "that of the training data"))
    .addOption(trainingFlag("backend", "wasm"))
    .addOption(trainingFlag("threads"))
    .option("--gate", "exit with code 3 if a run is worse than the first one beyond chance, or below --min-accuracy")
    .option("--min-accuracy <share>", "with --gate: the least accuracy, such as 97% or 0.97", share)
    .option("--fetch", "fetch data that a run names by an address, if they are not in the cache")
    .option("--html <file>", "save the comparison as a page, with the images that one gets right and the other wrong")
    .option("--json", "end with one JSON object on stdout; all other output goes to stderr")
    .addHelpText(
      "after",
      "\nExamples:\n  inkling compare runs/lenet-letters-1 runs/fast-letters-1\n  inkling compare runs/a-1 runs/a-2 runs/a-3 runs/b-1 runs/b-2 runs/b-3\n  inkling compare old.safetensors new.safetensors test.inkling --gate --min-accuracy 97%",
    )
    .action(async (paths, options) => (await import("./compare.ts")).compareCommand(paths, options));
}
