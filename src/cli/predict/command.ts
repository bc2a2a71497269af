import { type Command, Option } from "commander";
import { number, share, weightsOption, whole } from "../arguments.ts";

/** The arguments and options of `inkling predict`. */
export function definePredict(command: Command): void {
  command
    .argument("<model>", "the folder of a run, or a .safetensors or .onnx file")
    .argument("<image...>", "files, folders, globs in quotes, or - for standard input")
    .option("--top <n>", "classes to show for each picture (2; with --json all)", whole(1))
    .option(
      "--target-accuracy <percent>",
      "say don't know where the model is not certain enough for this accuracy among its answers, such as 99%",
      share,
    )
    .option(
      "--coverage <percent>",
      "list the classes that each picture may have: sets that contain the right one this often, such as 95%",
      share,
    )
    .addOption(
      new Option(
        "--conformal <how>",
        "how sets are made: lac: the smallest on average; aps: larger for difficult pictures (lac)",
      ).choices(["lac", "aps"]),
    )
    .addOption(
      new Option(
        "--tta <how>",
        "shifts: answer by the mean over five shifts of each picture, which takes five times as long (none)",
      ).choices(["shifts"]),
    )
    .option("--explain", "show how each picture was prepared for the network")
    .option("--contact-sheet <file>", "save a PNG showing each picture next to what the network saw")
    .addOption(
      new Option(
        "--prepare <when>",
        "make pictures look like the training images; auto: unless they have the size of the training pictures",
      )
        .choices(["auto", "always", "never"])
        .default("auto"),
    )
    .addOption(
      new Option(
        "--polarity <how>",
        "dark on light or light on dark; auto: like the training images, judging by the border",
      )
        .choices(["auto", "keep", "invert"])
        .default("auto"),
    )
    .option("--keep-damaged", "use what can be decoded of damaged JPEGs")
    .option("--crop", "crop to the ink (default: like the training images)")
    .option("--no-crop", "keep the whole picture")
    .addOption(
      new Option("--fit <how>", "how to fill the frame (default: like the training images)").choices([
        "stretch",
        "contain",
        "cover",
      ]),
    )
    .option(
      "--margin <share>",
      "margin on each side of the frame, 0 to 0.5 (default: like the training images)",
      number,
    )
    .addOption(
      new Option("--center <what>", "what to center in the frame (default: like the training images)").choices([
        "box",
        "mass",
      ]),
    )
    .option("--like <source>", "make pictures look like the images of this data set instead")
    .addOption(weightsOption())
    .option("--backend <name>", "native, wasm or interpret", "wasm")
    .option("--json", "end with one JSON object on stdout; all other output goes to stderr")
    .addHelpText(
      "after",
      '\nExamples:\n  inkling predict runs/lenet-letters-1 photo.jpg --explain\n  inkling predict model.safetensors scans/ --contact-sheet seen.png\n  inkling predict runs/lenet-letters-1 "pages/**/*.png" --json\n  inkling predict runs/lenet-letters-1 scans/ --target-accuracy 99% --coverage 95%\n  cat photo.jpg | inkling predict runs/lenet-letters-1 -',
    )
    .action(async (model, images, options) => (await import("./predict.ts")).predictCommand(model, images, options));
}
