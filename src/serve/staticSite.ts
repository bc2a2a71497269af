/** A file of a site: its address in it, and what it holds. */
export interface SiteFile {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** How a browser treats the pages: isolated, so that threads may share memory, and with nothing from elsewhere. */
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src 'self' data: blob:; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "Cache-Control": "no-cache",
};

/**
 * Answers requests for the files of a site, by their names; the page is `index.html`. Only requests that name this host are
 * answered, so that a page elsewhere whose name leads here reads nothing.
 */
export function staticSite(
  files: (name: string) => Promise<SiteFile | undefined>,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const { pathname } = new URL(request.url);
    const host = (request.headers.get("host") ?? "").replace(/:\d+$/, "");
    if (!["127.0.0.1", "localhost", "[::1]"].includes(host))
      return new Response("this server answers requests to localhost only\n", { status: 403 });
    if (request.method !== "GET" && request.method !== "HEAD")
      return new Response("there is nothing but files here\n", { status: 405, headers: { Allow: "GET, HEAD" } });
    const name = pathname === "/" ? "index.html" : pathname.slice(1);
    const file = /^[\w.-]+$/.test(name) ? await files(name) : undefined;
    if (!file) return new Response("there is no such file\n", { status: 404 });
    const own = { ...headers, "Content-Type": file.type, "Content-Length": String(file.bytes.length) };
    return new Response(request.method === "HEAD" ? null : file.bytes, { headers: own });
  };
}
