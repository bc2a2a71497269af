import { type Command, Option } from "commander";
import { fixing, trainingFlag } from "../trainingFlags.ts";

/** The arguments and options of `inkling evaluate`. */
export function defineEvaluate(command: Command): void {
  fixing(command)
    .argument(
      "<run>",
      "the folder of a run, such as runs/lenet-letters-1; or, with a source, a .safetensors or .onnx file",
    )
    .argument("[more...]", "a data set with the same classes; before it, with --ensemble, more runs")
    .addOption(
      new Option("--weights <which>", "the last weights, or those of the best validation")
        .choices(["last", "best"])
        .default("last"),
    )
    .addOption(trainingFlag("valueRange", "that of the training data"))
    .addOption(trainingFlag("backend", "wasm"))
    .addOption(trainingFlag("threads"))
    .addOption(
      new Option(
        "--duplicates <which>",
        "which test images count as train/test duplicates: pixels: identical to a training image; near: also those that look the same",
      )
        .choices(["pixels", "near"])
        .default("pixels"),
    )
    .addOption(new Option("--twins <which>", "the former name of --duplicates").choices(["pixels", "near"]).hideHelp())
    .option("--fold", "fold batch normalization into the preceding layers, as predict does; equal except for rounding")
    .option("--html <file>", "save all of it as a page with pictures and charts, in one file")
    .option(
      "--audit <file>",
      "an audit of the data set, saved with inkling data audit SOURCE --out FILE: also score with the labels that it suggests; --html shows the images",
    )
    .option("--metadata <file>", "a table of file names and columns, as CSV: also score the images of each value")
    .option(
      "--calibrate",
      "calibrate an older run's probabilities on its validation images, and keep that with the run",
    )
    .option("--ensemble", "score several runs together, by the mean of their probabilities")
    .option("--corruptions", "also score the images under fifteen kinds of corruption, those of MNIST-C")
    .addOption(
      new Option(
        "--tta <how>",
        "shifts: answer by the mean over five shifts of each image, which takes five times as long (none)",
      ).choices(["shifts"]),
    )
    .option("--fetch", "fetch data that the run names by an address, if they are not in the cache")
    .option("--json", "end with one JSON object on stdout; all other output goes to stderr")
    .addHelpText(
      "after",
      "\nExamples:\n  inkling evaluate runs/lenet-letters-1\n  inkling evaluate runs/lenet-letters-1 notMNIST_small.tar.gz --json\n  inkling evaluate runs/lenet-letters-1 --html report.html",
    )
    .action(async (run, more, options) => (await import("./evaluate.ts")).evaluateCommand([run, ...more], options));
  command.on("option:twins", (which: string) => command.setOptionValueWithSource("duplicates", which, "cli"));
}
