import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import type { SiteFile } from "../../serve/staticSite.ts";

const LETTERS = new URL("../../../data/letters.inkling", import.meta.url);
const PAGE = new URL("../../studio/page/", import.meta.url);

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
  const place = name === "letters.inkling" ? LETTERS : new URL(name, PAGE);
  const bytes = await readFile(place).catch(() => undefined);
  if (!bytes) return undefined;
  return { type, bytes: name === "index.html" ? withServer(bytes) : new Uint8Array(bytes) };
}

const withServer = (page: Buffer): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(page.toString("utf8").replace("<html ", "<html data-server "));
