import type { Command } from "commander";
import { classNames, levels } from "../arguments.ts";

/** The arguments and options of `inkling import`. */
export function defineImport(command: Command): void {
  command
    .argument("<model>", "an .onnx file, such as torch.onnx.export writes")
    .argument("<target>", "the file to write, such as model.safetensors")
    .option(
      "--classes <names>",
      "the classes in the order of the logits: a file with a name in each line, names with commas between them, or their number",
      (text): readonly string[] | string => (/^\d+$|,/.test(text) ? classNames(text) : text),
    )
    .option("--mean <levels>", "what is subtracted from the bytes of pixels: a number, or one per channel (0)", levels)
    .option("--scale <levels>", "what they are then divided by (255)", levels)
    .option("--force", "replace the target if it is there")
    .option("--json", "end with one JSON object on stdout; all other output goes to stderr")
    .addHelpText(
      "after",
      "\nExamples:\n  inkling import cats.onnx cats.safetensors --classes cat,dog\n  inkling import resnet50.onnx resnet50.safetensors --classes imagenet.txt --mean 123.675,116.28,103.53 --scale 58.395,57.12,57.375\n  inkling predict cats.safetensors photo.jpg",
    )
    .action(async (model, target, options) => (await import("./import.ts")).importCommand(model, target, options));
}
