import type { MiddlewareHandler } from "hono";
import { timingSafeEqual } from "hono/utils/buffer";
import { quoted } from "../base/printable.ts";
import { Problem } from "./problem.ts";

/** The names under which a server on loopback is reached, with any port. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/** Whether an address, as one listens on it, can be reached from this machine alone. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host.includes(":") ? `[${host}]` : host);

/**
 * Refuses requests that a web page makes in the name of its visitor. With `loopback`, the Host header must be a name of
 * this machine, since a page can make its own name resolve to 127.0.0.1 (DNS rebinding). An Origin, which browsers send
 * with what a page requests, must be the server itself.
 */
export const refuseOtherSites =
  (loopback: boolean): MiddlewareHandler =>
  async (context, next) => {
    const host = context.req.header("host") ?? "";
    if (loopback && !LOOPBACK.test(host))
      throw new Problem("FORBIDDEN", `Host is ${quoted(host)}, expected localhost, 127.0.0.1 or [::1]`);
    const origin = context.req.header("origin");
    if (origin !== undefined && hostOf(origin) !== host.toLowerCase())
      throw new Problem("FORBIDDEN", `Origin is ${quoted(origin)}; pages of other sites may not use this server`);
    await next();
  };

const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined);

/** Requires `Authorization: Bearer TOKEN`. The comparison takes the same time wherever the tokens differ. */
export const requireToken =
  (token: string): MiddlewareHandler =>
  async (context, next) => {
    const [, given] = /^Bearer +(\S+) *$/i.exec(context.req.header("authorization") ?? "") ?? [];
    if (given === undefined || !(await timingSafeEqual(given, token)))
      throw new Problem(
        "UNAUTHORIZED",
        given === undefined ? "the header Authorization: Bearer TOKEN is missing" : "the token is wrong",
        { "WWW-Authenticate": 'Bearer realm="inkling"' },
      );
    await next();
  };
