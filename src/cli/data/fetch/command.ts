import type { Command } from "commander";
import { interruptible } from "../../interrupt.ts";
import { showFetch } from "../../showFetch.ts";
import { createTerminal, printSummary } from "../../terminal.ts";

interface FetchCommandOptions {
  readonly sha256?: string;
  readonly force?: boolean;
  readonly insecure?: boolean;
  readonly json?: boolean;
}

/** Fetches a data set into the cache, and prints where it is. */
async function fetchCommand(source: string, options: FetchCommandOptions): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  const { fetchDataset } = await import("../../../sources/node/fetch/fetchDataset.ts");
  const path = await interruptible((signal) =>
    fetchDataset(source, {
      signal,
      force: options.force ?? false,
      insecure: options.insecure ?? false,
      ...(options.sha256 !== undefined && { sha256: options.sha256 }),
      onEvent: showFetch(terminal),
    }),
  );
  terminal.out(path);
  if (options.json) printSummary({ source, path });
}

/** The arguments and options of `inkling data fetch`. */
export function defineDataFetch(command: Command): void {
  command
    .argument("<source>", "notmnist-small, notmnist-large, mnist, fashion-mnist, kmnist, or a URL https://…")
    .option("--sha256 <hex>", "the required checksum of a file fetched by URL")
    .option("--force", "fetch again even if it is in the cache")
    .option("--insecure", "allow URLs that are neither HTTPS nor local")
    .option("--json", "end with one JSON object on stdout; all other output goes to stderr")
    .addHelpText(
      "after",
      "\nThe cache is the folder INKLING_CACHE, or inkling in XDG_CACHE_HOME, ~/.cache or, on Windows, LOCALAPPDATA.\nEvery command that reads a data set fetches these automatically.\n\nExamples:\n  inkling data fetch notmnist-large\n  inkling train notmnist-large --test notmnist-small\n  inkling train mnist#training --test mnist#test",
    )
    .action(fetchCommand);
}
