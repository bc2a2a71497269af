import type { Context, HonoRequest } from "hono";
import { bodyLimit } from "hono/body-limit";
import { Problem } from "./problem.ts";

/** Reads a request whose body is limited. */
export type Receive = <T>(context: Context, read: (request: HonoRequest) => Promise<T>) => Promise<T>;

/** The length that the head of a request states, which the parser of HTTP holds it to; NaN without one. */
const statedLength = (request: HonoRequest): number =>
  request.header("transfer-encoding") === undefined ? Number(request.header("content-length")) : Number.NaN;

/** The most bytes that a request can have, if bodies of more than `bodyBytes` are refused. */
export const mostBytes = (request: HonoRequest, bodyBytes: number): number => {
  const length = statedLength(request);
  return length >= 0 ? Math.min(length, bodyBytes) : bodyBytes;
};

/** Reads bodies no further than they may be. What it returns throws `TOO_LARGE` for a body of more bytes. */
export function receiver(bodyBytes: number): Receive {
  const tooLarge = () => {
    throw new Problem("TOO_LARGE", `the body has more than ${bodyBytes} bytes`);
  };
  const limited = bodyLimit({ maxSize: bodyBytes, onError: tooLarge });
  return async <T>(context: Context, read: (request: HonoRequest) => Promise<T>) => {
    const { req } = context;
    // With a stated length, it need not be counted as a stream, which is slower.
    const length = statedLength(req);
    if (length > bodyBytes) tooLarge();
    if (length >= 0) return read(req);
    let found: { readonly value: T } | undefined;
    await limited(context, async () => {
      found = { value: await read(context.req) };
    });
    return found!.value;
  };
}

/** What arrives within some seconds. Throws `TIMEOUT` if it does not. */
export async function inTime<T>(arriving: Promise<T>, seconds: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Problem("TIMEOUT", `the request did not arrive within ${seconds} s`, { Connection: "close" }));
    }, 1000 * seconds);
  });
  try {
    return await Promise.race([arriving, late]);
  } finally {
    clearTimeout(timer);
  }
}
