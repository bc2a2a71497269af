import { type Command, Option } from "commander";
import { formNames, weightsOption } from "../arguments.ts";

/** All but cards, which compute nothing. */
const forms = formNames.filter((name) => name !== "card");

/** The arguments and options of `inkling verify`. */
export function defineVerify(command: Command): void {
  command
    .argument(
      "<exported>",
      "what `inkling export` wrote: model.onnx, model.c (with model.h), model.wasm or the folder of a package",
    )
    .argument("<model>", "the folder of the run, or the file, that it was exported from")
    .addOption(new Option("--form <form>", "the form (by the name)").choices(forms))
    .addOption(weightsOption())
    .option("--backend <name>", "what runs the model to compare with: native, wasm or interpret", "wasm")
    .option("--json", "end with one JSON object on stdout; all else goes to stderr")
    .addHelpText(
      "after",
      "\nExamples:\n  inkling verify model.onnx runs/lenet-letters-1\n  inkling verify model.c runs/lenet-letters-1 --json",
    )
    .action(async (exported, model, options) => (await import("./verify.ts")).verifyCommand(exported, model, options));
}
