import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { codeDirectory } from "../../backends/native/node/cache.ts";
import { fileSize, quantity } from "../../base/format.ts";
import { cacheDirectory, tilingsDirectory } from "../../base/node/cacheDirectory.ts";
import { createTerminal, printSummary } from "../terminal.ts";

interface CacheCommandOptions {
  readonly clean?: boolean;
  readonly cleanData?: boolean;
  readonly json?: boolean;
}

interface Folder {
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
}

/** The number and total size of the files in a folder and its subfolders. */
async function measure(path: string): Promise<Folder> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name)).catch(() => undefined))?.size ?? 0),
  );
  return { path, files: files.length, bytes: sizes.reduce((a, b) => a + b, 0) };
}

/** The contents of the cache. */
export async function measureCache() {
  const [code, tilings, datasets] = await Promise.all(
    [codeDirectory(), tilingsDirectory(), join(cacheDirectory(), "datasets")].map(measure),
  );
  return { path: cacheDirectory(), code: code!, tilings: tilings!, datasets: datasets! };
}

/** Removes what was requested, then lists the contents of the cache. */
async function cacheCommand({ clean, cleanData, json = false }: CacheCommandOptions): Promise<void> {
  const before = await measureCache();
  if (clean) for (const { path } of [before.code, before.tilings]) await rm(path, { recursive: true, force: true });
  if (cleanData) await rm(before.datasets.path, { recursive: true, force: true });
  const { path, code, tilings, datasets } = await measureCache();
  if (json) {
    printSummary({ path, code, tilings, datasets });
    return;
  }
  const terminal = createTerminal();
  terminal.out(path);
  const line = (what: string, now: Folder, then: Folder) => {
    const removed = then.bytes > now.bytes ? `, ${fileSize(then.bytes - now.bytes)} removed` : "";
    terminal.out(`  ${what.padEnd(14)} ${fileSize(now.bytes)} in ${quantity(now.files, "file")}${removed}`);
  };
  line("compiled code", code, before.code);
  line("timed tilings", tilings, before.tilings);
  line("data sets", datasets, before.datasets);
}

/** The arguments and options of `inkling cache`. */
export function defineCache(command: Command): void {
  command
    .option("--clean", "remove compiled code and timed tilings; they are recreated when needed")
    .option("--clean-data", "remove fetched data sets; they are fetched again when needed")
    .option("--json", "print one JSON object")
    .addHelpText("after", "\nExamples:\n  inkling cache\n  inkling cache --clean")
    .action(cacheCommand);
}
