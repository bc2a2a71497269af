import type { Hono, HonoRequest } from "hono";
import { timingSafeEqual } from "hono/utils/buffer";
import * as v from "valibot";
import { parseConfig } from "../../base/config.ts";
import { InklingError } from "../../base/error.ts";
import { requireToken } from "../../serve/guard.ts";
import { guardedApp } from "../../serve/guardedApp.ts";
import { Problem } from "../../serve/problem.ts";
import { inTime, receiver } from "../../serve/receive.ts";
import { type SiteFile, serveFiles } from "../../serve/staticSite.ts";
import { type Send, Turns } from "../calls.ts";
import { decodeBody, encodeBody } from "../wire.ts";
import type { WorkbenchMethod } from "../workbench.ts";
import { isMethod, parseArguments } from "./callSchemas.ts";
import type { Feed } from "./feed.ts";

/** What the server of the studio is made of. */
export interface StudioAppOptions {
  /** The files of the page, by name. */
  readonly files: (name: string) => Promise<SiteFile | undefined>;
  /** Calls a method of the workbench. */
  readonly call: Send;
  /** What the workbench reports. */
  readonly feed: Feed;
  /** What calls must be authorized with. */
  readonly token: string;
  /** What the token is given for, once. */
  readonly code?: string | undefined;
  /** The page of a report by the unguessable name that the workbench has given it. */
  readonly report: (name: string) => Promise<string | undefined>;
  /** Is told of errors that are not the user's. */
  readonly onError: (error: unknown) => void;
}

/** Bytes of a call. Data sets are larger than everything else that is sent. */
const MOST_BYTES: Readonly<Partial<Record<WorkbenchMethod, number>>> = { openFiles: 2 ** 31, handOver: 2 ** 31 };
const MOST_BYTES_OTHERWISE = 2 ** 26;
/** Seconds in which a call must arrive. */
const SECONDS = 600;
/** Calls that may wait for those before them. */
const MOST_CALLS = 64;

const MOST_BYTES_OF_CODE = 1024;
const codeSchema = v.strictTuple([v.string("a code")]);

const read = async (request: HonoRequest) => new Uint8Array(await request.arrayBuffer());

/**
 * The server of the studio, without what listens on a port: the page, a workbench for whoever has the token, and reports. A
 * training belongs to the workbench, not to a connection: it goes on when a page is closed.
 */
export function createStudioApp({ files, call, feed, token, code, report, onError }: StudioAppOptions): Hono {
  const { app, route } = guardedApp({
    loopback: true,
    onError,
    nothingHere: "there is nothing here",
  });
  const authorized = requireToken(token);

  /** A program that opens a browser shows its arguments to everyone on this machine, so what they have works once. */
  let unused = code;
  route("POST", "/session", async (context) => {
    const [given] = parseConfig(codeSchema, decodeBody(await receiver(MOST_BYTES_OF_CODE)(context, read)), "session");
    if (unused === undefined || !(await timingSafeEqual(given, unused)))
      throw new Problem("UNAUTHORIZED", "the link has been used already; open the one that the terminal shows");
    unused = undefined;
    return context.body(encodeBody(token).stream(), 200, { "Content-Type": "application/octet-stream" });
  });

  route("GET", "/events", authorized, (context) =>
    context.body(feed.follow(), 200, { "Content-Type": "text/event-stream; charset=utf-8" }),
  );

  const turns = new Turns();
  route("POST", "/calls/:method", authorized, async (context) => {
    const method = context.req.param("method") ?? "";
    if (!isMethod(method)) throw new Problem("NOT_FOUND", `there is no call ${JSON.stringify(method)}`);
    const receive = receiver(MOST_BYTES[method] ?? MOST_BYTES_OTHERWISE);
    const args = parseArguments(method, decodeBody(await inTime(receive(context, read), SECONDS)));
    if (turns.waiting >= MOST_CALLS)
      throw new Problem("TOO_MANY_REQUESTS", `${turns.waiting} calls are waiting already`, { "Retry-After": "1" });
    const result = await turns
      .take(method, () => call(method, args))
      .catch((error: unknown) => {
        // Of a call of the user, every error of Inkling is for the user, unlike those of a server for others.
        throw error instanceof InklingError ? new Problem("INVALID_DATA", error.message) : error;
      });
    return context.body(encodeBody(result).stream(), 200, { "Content-Type": "application/octet-stream" });
  });

  route("GET", "/reports/:name", async (context) => {
    const html = await report(context.req.param("name") ?? "");
    if (html === undefined) throw new Problem("NOT_FOUND", "there is no such report");
    return context.html(html, 200, { "Referrer-Policy": "no-referrer" });
  });

  serveFiles(route, files);
  return app;
}
