import type { Command } from "commander";

/** The arguments and options of `inkling data fetch`. */
export function defineDataFetch(command: Command): void {
  command
    .argument("<source>", "notmnist-small, notmnist-large, mnist, fashion-mnist, kmnist, or an address https://…")
    .option("--sha256 <hex>", "the checksum that a file fetched by its address must have")
    .option("--force", "fetch also what is in the cache")
    .option("--insecure", "allow addresses that are neither HTTPS nor this machine")
    .option("--json", "end with one JSON object on stdout; all else goes to stderr")
    .addHelpText(
      "after",
      "\nThe cache is the folder INKLING_CACHE, or inkling in XDG_CACHE_HOME, ~/.cache or, on Windows, LOCALAPPDATA.\nEvery command that reads a data set fetches these by itself.\n\nExamples:\n  inkling data fetch notmnist-large\n  inkling train notmnist-large --test notmnist-small\n  inkling train mnist#training --test mnist#test",
    )
    .action(async (source, options) => (await import("./fetch.ts")).fetchCommand(source, options));
}
