import { type Server as HttpServer, type IncomingMessage, STATUS_CODES } from "node:http";
import { type AddressInfo, Server as NetServer, type Socket } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { InklingError } from "../../base/error.ts";

/** How long clients may take to end a connection, or to send another request on one that was in use when the server stopped, in ms. */
const GRACE = 250;

/** Connections at the same time; others are refused by the system. */
const MOST_CONNECTIONS = 256;

/** Requests of one connection that wait for their answers, which take memory until those before them have been read. */
const MOST_UNANSWERED = 16;

export interface ListenOptions {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Seconds that a request may take to arrive, and its answer after that. */
  readonly seconds: number;
  /** Seconds after which a connection ends on which nothing moves, such as that of a client that does not read. Default: never. */
  readonly silence?: number;
}

/** A server that listens. */
export interface Listening {
  readonly url: string;
  /**
   * Stops: the port closes at once, requests that have arrived are answered, then connections end. What takes longer than
   * the limit is cut off. Returns the number of requests that arrived since the start.
   */
  stop(): Promise<number>;
}

/** Listens for requests. Throws `INVALID_ARGUMENT` if the address cannot be used. */
export async function listen({ fetch, host, port, seconds, silence = 0 }: ListenOptions): Promise<Listening> {
  const server = createAdaptorServer({
    fetch,
    serverOptions: {
      requestTimeout: 1000 * seconds,
      headersTimeout: 1000 * Math.min(seconds, 10),
      connectionsCheckingInterval: 1000,
    },
  }) as HttpServer;
  server.maxConnections = MOST_CONNECTIONS;
  server.timeout = 1000 * silence;
  server.on("clientError", refuse);
  let arrived = 0;
  const unanswered = new WeakMap<Socket, number>();
  const [answer] = server.listeners("request");
  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    const { socket } = request;
    const count = unanswered.get(socket) ?? 0;
    if (count >= MOST_UNANSWERED) {
      socket.destroy();
      return;
    }
    arrived++;
    unanswered.set(socket, count + 1);
    response.once("close", () => unanswered.set(socket, unanswered.get(socket)! - 1));
    answer!(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(cannotListen(cause, host, port)));
    server.listen(port, host, resolve);
  });
  const { address, family, port: found } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${found}/`,
    async stop() {
      await close(server, 2000 * seconds);
      return arrived;
    },
  };
}

async function close(server: HttpServer, most: number): Promise<void> {
  const closed = new Promise((resolve) => server.once("close", resolve));
  // Not the server's own, which also ends idle connections: on one of them a request may be on its way.
  NetServer.prototype.close.call(server);
  const grace = setTimeout(() => server.closeIdleConnections(), GRACE);
  const last = setTimeout(() => server.closeAllConnections(), most);
  await closed;
  clearTimeout(grace);
  clearTimeout(last);
}

const reasons: Readonly<Record<string, readonly [status: number, code: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, "TOO_LARGE", "the headers are too large"],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "TIMEOUT", "the request did not arrive in time"],
};

/** Answers what is not a request, in the form of all other errors. */
function refuse(
  { code = "" }: NodeJS.ErrnoException,
  socket: Socket & { readonly _httpMessage?: IncomingMessage },
): void {
  if (code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, name, message] = reasons[code] ?? [400, "INVALID_ARGUMENT", "this is not a valid HTTP request"];
  const body = JSON.stringify({ error: { code: name, message } });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
  // A client that does not end its side would keep the connection.
  setTimeout(() => socket.destroy(), GRACE).unref();
}

function cannotListen(cause: NodeJS.ErrnoException, host: string, port: number): InklingError {
  const reason: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} is in use; specify another one with --port, or 0 for any that is free`,
    EACCES: `port ${port} may not be used; specify one above 1023 with --port`,
    EADDRNOTAVAIL: `${host} is not an address of this machine`,
    ENOTFOUND: `${host} is not an address of this machine`,
  };
  return new InklingError("INVALID_ARGUMENT", reason[cause.code ?? ""] ?? `cannot listen: ${cause.message}`, { cause });
}
