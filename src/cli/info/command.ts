import type { Command } from "commander";

/** The options of `inkling info`. */
export function addInfo(inkling: Command): void {
  inkling
    .command("info")
    .description("say what this machine has, and which back end trains on it, and why")
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      "\nCC names the C compiler to use; INKLING_BACKEND the back end, where --backend does not.\n\nExamples:\n  inkling info\n  CC=clang inkling info --json",
    )
    .action(async (options) => (await import("./info.ts")).infoCommand(options));
}
