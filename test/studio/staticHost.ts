import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { siteHeaders } from "../../src/serve/siteHeaders.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
};

/** A host of static files that knows nothing of them. */
export interface StaticHost {
  /** The address of the site: a folder below that of the host, as on GitHub Pages. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Serves the files of a folder; with `isolated`, with the headers that make its pages isolated. */
export async function hostStatic(
  folder: string,
  { isolated, port = 0 }: { readonly isolated: boolean; readonly port?: number },
): Promise<StaticHost> {
  const base = "/people/someone/";
  const server = createServer(async ({ url = "/" }, response) => {
    const name = url.startsWith(base) ? url.slice(base.length).replace(/[?#].*/, "") || "index.html" : "";
    const bytes = /^[\w.-]+$/.test(name) ? await readFile(join(folder, name)).catch(() => undefined) : undefined;
    if (!bytes) response.writeHead(404).end();
    else
      response
        .writeHead(200, {
          "Content-Type": types[extname(name)] ?? "application/octet-stream",
          // As hosts do, whose files may be old for a while.
          "Cache-Control": "max-age=600",
          ...(isolated && siteHeaders),
        })
        .end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
