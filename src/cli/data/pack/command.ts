import type { Command } from "commander";
import { SOURCE } from "../../arguments.ts";
import { opening } from "../../trainingFlags.ts";

/** The arguments and options of `inkling data pack`. */
export function defineDataPack(command: Command): void {
  opening(command)
    .argument("<source>", SOURCE)
    .argument("<file>", "such as notmnist.inkling")
    .option("--compress", "compress the pixels (default up to 256 MiB of them)")
    .option(
      "--no-compress",
      "store the pixels uncompressed: opens instantly and trains from the file, whatever its size",
    )
    .option("--force", "overwrite an existing file")
    .option("--json", "end with one JSON object on stdout; all other output goes to stderr")
    .addHelpText(
      "after",
      "\nExamples:\n  inkling data pack notMNIST_small.tar.gz notmnist-small.inkling\n  inkling train notmnist-small.inkling",
    )
    .action(async (source, file, options) => (await import("./pack.ts")).packCommand(source, file, options));
}
