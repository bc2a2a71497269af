import type { Command } from "commander";
import { SOURCE } from "../../arguments.ts";
import { opening } from "../../trainingFlags.ts";

/** The arguments and options of `inkling data pack`. */
export function defineDataPack(command: Command): void {
  opening(command)
    .argument("<source>", SOURCE)
    .argument("<file>", "such as notmnist.inkling")
    .option("--compress", "store pixels compressed (up to 256 MiB of them are)")
    .option("--no-compress", "store pixels as they are: opens at once, and trains from the file, whatever its size")
    .option("--force", "replace the file if it is there")
    .option("--json", "end with one JSON object on stdout; all else goes to stderr")
    .addHelpText(
      "after",
      "\nExamples:\n  inkling data pack notMNIST_small.tar.gz notmnist-small.inkling\n  inkling train notmnist-small.inkling",
    )
    .action(async (source, file, options) => (await import("./pack.ts")).packCommand(source, file, options));
}
