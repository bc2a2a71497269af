import { type Command, InvalidArgumentError } from "commander";
import { number, whole } from "../../arguments.ts";
import { opening } from "../../trainingFlags.ts";

/** rotation=8,shift=[2,3],shape=cross */
function settings(text: string): Record<string, unknown> {
  const parts = text.split(/,(?![^[]*\])/).filter((part) => part.trim() !== "");
  return Object.fromEntries(
    parts.map((part) => {
      const [, name, value] = /^\s*(\w+)\s*=\s*(\S.*?)\s*$/.exec(part) ?? [];
      if (name === undefined || value === undefined)
        throw new InvalidArgumentError("expected settings such as name=1,other=[2,3].");
      return [name, parsed(value)];
    }),
  );
}

/** A number or a list as in JSON; anything else is text. */
function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** The arguments and options of `inkling data augment`. */
export function defineDataAugment(command: Command): void {
  opening(command)
    .argument("<source>", "a data set, as for train")
    .requiredOption("--out <file>", "the PNG file to write, such as sheet.png")
    .option("--recipe <recipe>", "augment like this recipe, unless one of the following is given", "fast")
    .option(
      "--affine <settings>",
      "rotation (degrees), shift (pixels, or [rows,columns]), scale, shear, fill",
      settings,
    )
    .option("--elastic <settings>", "strength (pixels), grid (cells), fill", settings)
    .option("--thickness <settings>", "dilate, erode (probabilities), shape: cross or square", settings)
    .option("--flip <settings>", "probabilities: horizontal, vertical", settings)
    .option("--crop <settings>", "padding (pixels, or [rows,columns]), fill", settings)
    .option("--erasing <settings>", "size (pixels, or [rows,columns]), probability, fill", settings)
    .option("--contrast <settings>", "factor, brightness", settings)
    .option("--color <settings>", "saturation, hue (degrees), for color images", settings)
    .option("--noise <settings>", "stddev", settings)
    .option("--mixup <alpha>", "mix images with ratios from Beta(alpha, alpha), before the augmentation", number)
    .option("--images <count>", "number of rows", whole(1), 10)
    .option("--draws <count>", "number of columns after the unchanged image", whole(1), 11)
    .option("--seed <number>", "seed of the augmentation", whole(0), 1)
    .option("--json", "end with one JSON object on stdout; all other output goes to stderr")
    .addHelpText(
      "after",
      "\nSettings are those of the layers, which are applied in the order of the options. Black is −0.5 and white 0.5;\nfill=edge continues the edges of an image.\n\nExamples:\n  inkling data augment letters --out sheet.png\n  inkling data augment letters --affine rotation=15,shift=2 --noise stddev=0.1 --out sheet.png\n  inkling data augment letters --mixup 0.4 --out sheet.png",
    )
    .action(async (source, options) => (await import("./augment.ts")).augmentCommand(source, options));
}
