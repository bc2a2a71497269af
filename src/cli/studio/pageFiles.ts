import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { SiteFile } from "../../serve/staticSite.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".inkling": "application/octet-stream",
  ".svg": "image/svg+xml",
};

/** A file of the studio as the package has it, whose page is told that it has a server; the letters are those of the package. */
export async function pageFile(name: string): Promise<SiteFile | undefined> {
  const type = types[extname(name)];
  if (type === undefined) return undefined;
  const place = name === "letters.inkling" ? "../../../data/letters.inkling" : `../../studio/page/${name}`;
  const bytes = await readFile(fileURLToPath(new URL(place, import.meta.url))).catch(() => undefined);
  if (!bytes) return undefined;
  return { type, bytes: name === "index.html" ? withServer(bytes) : new Uint8Array(bytes) };
}

const withServer = (page: Buffer): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(page.toString("utf8").replace("<html ", "<html data-server "));
