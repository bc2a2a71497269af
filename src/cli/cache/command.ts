import type { Command } from "commander";

/** The arguments and options of `inkling cache`. */
export function defineCache(command: Command): void {
  command
    .option("--clean", "remove compiled code, and tilings that were timed; they are made again when they are needed")
    .option("--clean-data", "remove fetched data sets, which are fetched again when they are needed")
    .option("--json", "print one JSON object")
    .addHelpText("after", "\nExamples:\n  inkling cache\n  inkling cache --clean")
    .action(async (options) => (await import("./cache.ts")).cacheCommand(options));
}
