import { type Command, Option } from "commander";
import { number, weightsOption } from "../arguments.ts";

/** The arguments and options of `inkling serve`. */
export function defineServe(command: Command): void {
  command
    .argument("<model...>", "folders of runs, or .safetensors or .onnx files; NAME=PATH gives a model another name")
    .option("--port <n>", "where to listen; 0 for any port that is free", number, 8000)
    .option("--host <address>", "the address to listen on; one that others can reach requires --token", "127.0.0.1")
    .addOption(
      new Option("--token <text>", "what requests must be authorized with: Authorization: Bearer TEXT").env(
        "INKLING_TOKEN",
      ),
    )
    .option("--max-body <bytes>", "the largest body of a request", number, 2 ** 24)
    .option("--max-pictures <n>", "the most pictures of a request", number, 64)
    .option("--queue <n>", "requests in progress at the same time; more are told to try again", number, 128)
    .option("--timeout <seconds>", "how long a request may take to arrive, and then to be answered", number, 30)
    .addOption(weightsOption())
    .option("--backend <name>", "native, wasm or interpret (native; wasm if there is no C compiler)")
    .addHelpText(
      "after",
      "\nExamples:\n  inkling serve runs/lenet-letters-1\n  inkling serve letters=runs/lenet-letters-1 digits=digits.safetensors --port 9000\n  curl --data-binary @photo.jpg http://127.0.0.1:8000/v1/predict",
    )
    .action(async (models, options) => (await import("./serve.ts")).serveCommand(models, options));
}
