import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { InklingError } from "../../base/error.ts";
import { temporaryFolder } from "../../base/node/temporaryFolder.ts";
import { readResult } from "../../runs/node/record.ts";

/** The command line's own script, in the built package. */
const main = fileURLToPath(new URL("../main.js", import.meta.url));

const made = new Map<string, string>();
let last: Promise<unknown> = Promise.resolve();

/**
 * The page of `inkling evaluate RUN --html`, made by a process of its own so that the server and its training go on, one at
 * a time, and kept for as long as the run has the same weights. Throws `INVALID_DATA` with what that process says.
 */
export function runReport(run: string): Promise<string> {
  const next = last.then(async () => {
    const key = `${run} ${(await readResult(run))?.weightsSha256}`;
    const html = made.get(key) ?? (await make(run));
    made.set(key, html);
    return html;
  });
  last = next.catch(() => {});
  return next;
}

async function make(run: string): Promise<string> {
  const scratch = await temporaryFolder("report");
  const page = join(scratch.path, "report.html");
  try {
    await promisify(execFile)(process.execPath, [main, "evaluate", run, "--html", page]);
    return await readFile(page, "utf8");
  } catch (cause) {
    const { stderr = "", message } = cause as Error & { readonly stderr?: string };
    throw new InklingError("INVALID_DATA", stderr.trim().split("\n").at(-1) || message, { cause });
  } finally {
    await scratch.remove();
  }
}
