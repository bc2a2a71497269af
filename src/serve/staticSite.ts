import type { GuardedApp } from "./guardedApp.ts";
import { Problem } from "./problem.ts";
import { siteHeaders } from "./siteHeaders.ts";

/** A file of a site: its type, and what it holds. */
export interface SiteFile {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

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
