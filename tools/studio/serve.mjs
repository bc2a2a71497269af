import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { basename, extname, join } from "node:path";
import { buildStudio } from "./build.mjs";

/** @type {Readonly<Record<string, string>>} */
const types = { ".html": "text/html", ".js": "text/javascript" };

/**
 * Builds the studio into a folder of its own and serves it on loopback, isolated, so that its trainings use all processors:
 * for measurements and pictures.
 */
export async function serveStudio() {
  const folder = mkdtempSync(join(tmpdir(), "inkling-studio-"));
  await buildStudio(folder, { letters: true });
  /** Names of the files that were requested. @type {Set<string>} */
  const asked = new Set();
  const server = createServer(({ url = "/" }, response) => {
    const name = basename(new URL(url, "http://localhost").pathname) || "index.html";
    try {
      const bytes = readFileSync(join(folder, name));
      asked.add(name);
      const type = types[extname(name)] ?? "application/octet-stream";
      const isolation = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
      response.writeHead(200, { "Content-Type": type, ...isolation }).end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const close = () => {
    server.close();
    rmSync(folder, { recursive: true });
  };
  return { url: `http://127.0.0.1:${port}/`, folder, asked, close };
}
