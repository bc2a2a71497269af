import type { Command } from "commander";

/** The arguments and options of `inkling info`. */
export function defineInfo(command: Command): void {
  command
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      "\nCC names the C compiler to use; INKLING_BACKEND the back end, where --backend does not.\n\nExamples:\n  inkling info\n  CC=clang inkling info --json",
    )
    .action(async (options) => (await import("./info.ts")).infoCommand(options));
}
