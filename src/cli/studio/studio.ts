import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { InklingError } from "../../base/error.ts";
import { listen } from "../../serve/node/listen.ts";
import { type SiteFile, staticSite } from "../../serve/staticSite.ts";
import { interruptible } from "../interrupt.ts";
import { createTerminal } from "../terminal.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".inkling": "application/octet-stream",
};

/** A file of the studio as the package has it; the letters are those of the package. */
async function fileOf(name: string): Promise<SiteFile | undefined> {
  const type = types[extname(name)];
  if (type === undefined) return undefined;
  const place = name === "letters.inkling" ? "../../../data/letters.inkling" : `../../studio/${name}`;
  const bytes = await readFile(fileURLToPath(new URL(place, import.meta.url))).catch(() => undefined);
  return bytes && { type, bytes: new Uint8Array(bytes) };
}

/**
 * Serves the studio on this machine until it is stopped, then throws `ABORTED`, as every command that is stopped does. Its
 * page trains in the browser, and what it stores stays there.
 */
export async function studioCommand({ port }: { readonly port: number }): Promise<void> {
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new InklingError("INVALID_ARGUMENT", `--port is ${port}, expected a whole number from 0 to 65535`);
  const terminal = createTerminal();
  const serving = async (stopping: AbortSignal) => {
    const server = await listen({ fetch: staticSite(fileOf), host: "127.0.0.1", port, seconds: 30 });
    terminal.out(`The studio is at ${server.url}`);
    terminal.note("Stop it with Ctrl-C; trainings are in the page, and go on there");
    if (!stopping.aborted) await new Promise((wake) => stopping.addEventListener("abort", wake, { once: true }));
    await server.stop();
  };
  await interruptible(serving, { unread: "ignore" });
  throw new InklingError("ABORTED", "the studio was stopped");
}
