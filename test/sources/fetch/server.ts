import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the server does with one request. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on loopback that answers each request in turn as given, and all later ones as the last. */
export async function serve(...answers: Answer[]) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answers[Math.min(requests.length, answers.length) - 1]!(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/data.bin`,
    port,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface Options {
  readonly etag?: string;
  /** Bytes after which it goes wrong. */
  readonly after?: number;
  /** How: the connection is cut, nothing more comes, or it ends early as if it were whole. */
  readonly wrong?: "reset" | "stall" | "end";
  /** Called where it stalls. */
  readonly onStall?: () => void;
  /** Ranges are not answered. */
  readonly ignoresRanges?: boolean;
  /** Neither ETag nor length are told. */
  readonly silent?: boolean;
}

/** Answers with a file, or the rest of it by a range if the condition holds, as a good server does until it goes wrong. */
export const file =
  (bytes: Buffer, options: Options = {}): Answer =>
  (request, response) => {
    const { etag = '"1"', after, wrong = "reset", ignoresRanges = false, silent = false } = options;
    const [, range] = /^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? [];
    const condition = request.headers["if-range"];
    const partial = range !== undefined && !ignoresRanges && (condition === undefined || condition === etag);
    const start = partial ? Number(range) : 0;
    if (start >= bytes.length && partial) {
      response.writeHead(416).end();
      return;
    }
    const body = bytes.subarray(start);
    const whole = { ...(!silent && { etag, "content-length": body.length }) };
    if (partial)
      response.writeHead(206, { ...whole, "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` });
    else response.writeHead(200, whole);
    if (after === undefined || after >= body.length) {
      response.end(body);
      return;
    }
    response.write(body.subarray(0, after), () => {
      if (wrong === "reset") setTimeout(() => response.destroy(), 20);
      if (wrong === "stall") options.onStall?.();
      if (wrong === "end") response.socket?.end();
    });
  };

/** Answers with a status, and perhaps where to go. */
export const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_, response) => {
    response.writeHead(code, headers).end("no");
  };
