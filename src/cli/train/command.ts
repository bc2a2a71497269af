import { type Command, Option } from "commander";
import { classWeights, keepTogether, names, number, opening, time } from "../arguments.ts";

/** What a resumed run has already, so that it cannot be given again. */
const FIXED = [
  ...["weightDecay", "weightDecayMask", "decayed", "gradientAccumulation", "mixup", "classWeights"],
  ...[
    "recipe",
    "epochs",
    "batchSize",
    "learningRate",
    "keepProbability",
    "seed",
    "resize",
    "out",
    "initFrom",
    "budget",
  ],
  ...["trainingSize", "validationSize", "testSize", "keepTogether"],
  ...["validateEvery", "validateWithDropout", "monitor", "tune", "winograd"],
];

/** The arguments and options of `inkling train`. */
export function defineTrain(command: Command): void {
  const train = opening(command)
    .argument(
      "[source]",
      "letters, a folder with a folder for each class, a .tar.gz of one, or an .inkling file (letters)",
    )
    .option("--recipe <name>", "the network and its settings: a name, a model.json, or a .ts or .js file (seed)")
    .option("--steps <n>", "updates of the weights (recipe lenet: 1001)", number)
    .option("--epochs <n>", "passes over the training images, instead of steps", number)
    .addOption(
      new Option("--budget <time>", "as many steps as this machine makes in that time, such as 60s or 5min")
        .argParser(time)
        .conflicts(["steps", "epochs"]),
    )
    .option("--batch-size <n>", "images of one step (recipe lenet: 16)", number)
    .option("--gradient-accumulation <n>", "parts of a step, one after the other, to save memory (1)", number)
    .option("--mixup <alpha>", "train on mixtures of two images, at ratios from Beta(alpha, alpha) (0: none)", number)
    .option(
      "--class-weights <weights>",
      "balanced, or as A=2,B=0.5: how much classes count in the loss (1)",
      classWeights,
    )
    .option("--learning-rate <rate>", "at the first step (recipe lenet: 0.1)", number)
    .option("--weight-decay <rate>", "pulls weights towards 0 (the recipe's)", number)
    .option(
      "--weight-decay-mask <which>",
      "what weight decay applies to: kernels, all, or names such as kernel,gamma",
      names,
    )
    .addOption(new Option("--decayed <which>", "the former name of --weight-decay-mask").argParser(names).hideHelp())
    .option("--keep-probability <p>", "of dropout; 1 drops nothing (recipe lenet: 1)", number)
    .option("--winograd", "convolve by Winograd's algorithm where that saves work: mostly faster, rounded otherwise")
    .option("--init-from <model>", "start from the weights of a run or of a .safetensors file, where layers fit")
    .option("--seed <n>", "fixes weights, split, order and dropout (1)", number)
    .option("--test <source>", "test on this data set; the other one only trains and validates")
    .option("--training-size <n>", "training images, as a number or a share (all that is left)", number)
    .option("--validation-size <n>", "validation images, as a number or a share (0.1)", number)
    .option("--test-size <n>", "test images, as a number or a share (0.1)", number)
    .addOption(keepTogether())
    .option("--validate-every <n>", "steps between validations (50)", number)
    .option("--validate-with-dropout", "leave dropout on while validating, as the seed's author did")
    .option("--early-stopping <patience>", "stop after so many validations in a row that are no better (never)", number)
    .option("--min-delta <d>", "how much better a validation must be for early stopping (0)", number)
    .addOption(
      new Option("--monitor <score>", "the validation's score that tells what is better (accuracy)").choices([
        "accuracy",
        "loss",
      ]),
    )
    .option(
      "--backend <name>",
      "native, wasm, or interpret: slow, the definition (native where there is a C compiler, else wasm)",
    )
    .option("--threads <n>", "threads, which change nothing but the time it takes (all processors)", number)
    .option("--tune", "time first how sums are best cut into tiles here, and remember it; no weight depends on it")
    .option("--out <folder>", "where the run is saved (runs/RECIPE-SOURCE-N)")
    .option("--checkpoint-every <seconds>", "how much work a crash may cost at most (10)", number)
    .addOption(
      new Option("--resume <run>", "go on with a run that was stopped, with its own data and settings").conflicts(
        FIXED,
      ),
    )
    .addOption(
      new Option("--extend <n>", "with --resume: so many steps more than the run was to have")
        .argParser(number)
        .conflicts("steps"),
    )
    .option("--force", "with --resume: go on although this machine's arithmetic gives other weights")
    .option("--json", "end with one JSON object on stdout; all else goes to stderr")
    .addHelpText(
      "after",
      "\nExamples:\n  inkling train --steps 3000 --learning-rate 0.05\n  inkling train notMNIST_large.tar.gz --test notMNIST_small.tar.gz \\\n    --training-size 200000 --validation-size 10000\n  inkling train letters --keep-probability 0.5 --validate-with-dropout\n  inkling train letters --recipe fast --epochs 60 --early-stopping 10\n  inkling train notMNIST_small.tar.gz --init-from runs/lenet-letters-1 --learning-rate 0.01\n  inkling train --resume runs/lenet-letters-1 --extend 2000",
    )
    .action(async (source, options) => {
      if (options.resume === undefined) await (await import("./train.ts")).trainCommand(source, options);
      else await (await import("./resume.ts")).resumeCommand(options.resume, source, options);
    });
  train.on("option:decayed", (which: string) => train.setOptionValueWithSource("weightDecayMask", names(which), "cli"));
}
