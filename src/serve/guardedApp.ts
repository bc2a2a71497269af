import { type Handler, Hono, type MiddlewareHandler } from "hono";
import { refuseOtherSites } from "./guard.ts";
import { cutOff, Problem, problemOf } from "./problem.ts";

/** How a server treats what it does not answer. */
export interface GuardedAppOptions {
  /** Whether the server is reached from this machine alone; Host headers are then checked. */
  readonly loopback: boolean;
  /** Is told what answered a request with `INTERNAL`. */
  readonly onError: (error: unknown) => void;
  /** The message for an address that has nothing. */
  readonly nothingHere: string;
  /** Goes around every request, also those that are refused. */
  readonly around?: MiddlewareHandler;
}

/** A server without routes of its own, and how they are added. */
export interface GuardedApp {
  readonly app: Hono;
  /** Adds a route, and refuses other methods. */
  readonly route: (
    method: "GET" | "POST",
    path: string,
    ...handlers: readonly [...MiddlewareHandler[], Handler]
  ) => void;
}

/** Whether a connection ended while a request arrived on it. */
const isReset = (error: Error): boolean => "code" in error && error.code === "ECONNRESET";

/**
 * What every server of Inkling has: it refuses requests that a page of another site makes, lets no other site read its
 * answers, and answers errors with a JSON object `{ error: { code, message } }`.
 */
export function guardedApp({ loopback, onError, nothingHere, around }: GuardedAppOptions): GuardedApp {
  const app = new Hono();
  app.use(async (context, next) => {
    // Before there is a response: a change of it afterwards would copy it.
    context.header("X-Content-Type-Options", "nosniff");
    context.header("Cross-Origin-Resource-Policy", "same-origin");
    context.header("Cache-Control", "no-store");
    await next();
  });
  if (around) app.use(around);
  app.use(refuseOtherSites(loopback));
  app.onError((error, context) => {
    const problem = context.req.raw.signal.aborted || isReset(error) ? cutOff() : problemOf(error);
    if (problem.code === "INTERNAL") onError(error);
    return context.json(problem.body, problem.status, { ...problem.headers });
  });
  app.notFound(() => {
    throw new Problem("NOT_FOUND", nothingHere);
  });
  return {
    app,
    route(method, path, ...handlers) {
      app.on(method, [path], ...(handlers as readonly Handler[]));
      app.all(path, ({ req }) => {
        const Allow = method === "GET" ? "GET, HEAD" : method;
        throw new Problem("METHOD_NOT_ALLOWED", `${req.method} is not possible here; use ${method}`, { Allow });
      });
    },
  };
}
