import type { Command } from "commander";
import { number } from "../arguments.ts";

/** The arguments and options of `inkling studio`. */
export function defineStudio(command: Command): void {
  command
    .option("--port <n>", "where to listen on this machine; 0 for any port that is free", number, 0)
    .addHelpText("after", "\nExamples:\n  inkling studio\n  inkling studio --port 8080")
    .action(async (options) => (await import("./studio.ts")).studioCommand(options));
}
