import { FORMAT_VERSION } from "../../../base/formatVersion.ts";
import { fetchDataset } from "../../../node.ts";
import { interruptible } from "../../interrupt.ts";
import { showFetch } from "../../showFetch.ts";
import { createTerminal } from "../../terminal.ts";

export interface FetchCommandOptions {
  readonly sha256?: string;
  readonly force?: boolean;
  readonly insecure?: boolean;
  readonly json?: boolean;
}

/** Fetches a data set into the cache, and prints where it is. */
export async function fetchCommand(source: string, options: FetchCommandOptions): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
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
  if (options.json) process.stdout.write(`${JSON.stringify({ formatVersion: FORMAT_VERSION, source, path })}\n`);
}
