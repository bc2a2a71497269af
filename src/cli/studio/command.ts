import type { Command } from "commander";
import { number } from "../arguments.ts";

/** The arguments and options of `inkling studio`. */
export function defineStudio(command: Command): void {
  command
    .argument("[paths...]", "runs and data sets to offer; the first one is opened (letters)")
    .option("--runs <folder>", "the folder of runs, in which trainings are saved", "runs")
    .option("--port <n>", "where to listen on this machine; 0 for any port that is free", number, 0)
    .option("--no-open", "only print the link, and open no browser")
    .option("--backend <name>", "native, wasm or interpret (native; wasm if there is no C compiler)")
    .addHelpText(
      "after",
      "\nExamples:\n  inkling studio\n  inkling studio photos.zip\n  inkling studio runs/lenet-letters-1\n  inkling studio --no-open --port 8080",
    )
    .action(async (paths, options) => (await import("./studio.ts")).studioCommand(paths, options));
}
