import type { Command } from "commander";

/** The arguments and options of `inkling info`. */
export function defineInfo(command: Command): void {
  command
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      "\nCC sets the C compiler, and INKLING_BACKEND the back end if --backend is not given.\n\nExamples:\n  inkling info\n  CC=clang inkling info --json",
    )
    .action(async (options) => (await import("./info.ts")).infoCommand(options));
}
