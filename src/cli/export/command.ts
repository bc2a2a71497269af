import { type Command, Option } from "commander";
import { formNames, weightsOption } from "../arguments.ts";

/** The arguments and options of `inkling export`. */
export function defineExport(command: Command): void {
  command
    .argument("<model>", "the folder of a run, or a .safetensors or .onnx file")
    .argument(
      "<target>",
      "the file to write: model.onnx, model.c (with model.h), model.wasm, a card such as README.md, or the folder of an npm package, such as letters/",
    )
    .addOption(new Option("--to <form>", "the form (by the target's name)").choices(formNames))
    .addOption(weightsOption())
    .option("--license <expression>", "the license of the weights, which goes with them, such as CC-BY-4.0")
    .option("--simd", "C with the vectors of gcc and clang, not only single floats")
    .option("--relaxed", "WebAssembly with relaxed SIMD, which rounds multiply-adds once, on engines that have it")
    .option("--force", "replace the target if it is there")
    .option("--backend <name>", "what runs the model to compare with: native, wasm or interpret", "wasm")
    .option("--json", "end with one JSON object on stdout; all else goes to stderr")
    .addHelpText(
      "after",
      "\nExamples:\n  inkling export runs/lenet-letters-1 model.onnx\n  inkling export runs/lenet-letters-1 model.c --simd\n  inkling export runs/lenet-letters-1 letters/",
    )
    .action(async (model, target, options) => (await import("./export.ts")).exportCommand(model, target, options));
}
