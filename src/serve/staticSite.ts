import type { GuardedApp } from "./guardedApp.ts";
import { Problem } from "./problem.ts";

/** A file of a site: its type, and what it holds. */
export interface SiteFile {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What the pages of a site may load: nothing from elsewhere, and no script that is not a file of the site. */
const policy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src 'self' data: blob:; style-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'";

/**
 * How a browser treats the pages of a site: isolated, so that threads may share memory, and with nothing from elsewhere. A
 * service worker adds them where a host cannot.
 */
export const siteHeaders: Readonly<Record<string, string>> = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Content-Security-Policy": `${policy}; frame-ancestors 'none'`,
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

/** Answers requests for the files of a site, by their names; the page is `index.html`. */
export function serveFiles(route: GuardedApp["route"], files: (name: string) => Promise<SiteFile | undefined>): void {
  for (const path of ["/", "/:name"])
    route("GET", path, async (context) => {
      const name = context.req.param("name") ?? "index.html";
      const file = /^[\w.-]+$/.test(name) ? await files(name) : undefined;
      if (!file) throw new Problem("NOT_FOUND", "there is no such file");
      return context.body(file.bytes, 200, { ...siteHeaders, "Content-Type": file.type, "Cache-Control": "no-cache" });
    });
}
