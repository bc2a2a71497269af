import { InklingError } from "../../../base/error.ts";
import type { FetchOptions } from "./options.ts";

/** A temporary failure: the same URL is tried again. */
export class RetryError extends Error {
  /** How long the server asks the client to wait. */
  readonly seconds: number | undefined;
  /** Whether to discard the bytes received so far. */
  readonly restart: boolean;
  constructor(message: string, options?: ErrorOptions, seconds?: number, restart = false) {
    super(message, options);
    this.seconds = seconds;
    this.restart = restart;
  }
}

/** A permanent failure: the next URL is tried. */
export class MirrorError extends Error {}

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);

/** Why a URL may not be fetched, to which another one may have redirected; undefined if it may. */
export function whyRefused(url: URL, insecure: boolean, from: URL = url): string | undefined {
  if (url.protocol !== "https:" && url.protocol !== "http:") return `${url.protocol} is not supported, only https:`;
  if (isLoopback(url.hostname) && !isLoopback(from.hostname))
    return `${from.host} redirects to this machine, whose servers are not for others to ask`;
  if (url.username || url.password) return "a URL with a password is not supported";
  if (url.protocol === "https:" || isLoopback(url.hostname) || insecure) return undefined;
  return "it is not HTTPS, so the data could be modified in transit; --insecure (insecure: true) allows it";
}

/** Parses a URL. Throws `INVALID_ARGUMENT`. */
export function parseAddress(text: string): URL {
  if (URL.canParse(text)) return new URL(text);
  throw new InklingError("INVALID_ARGUMENT", `${text} is not an address; give one such as https://host/data.tar.gz`);
}

/** Whether a data source is a URL. */
export const isAddress = (source: string): boolean => /^https?:\/\//i.test(source);

const MAX_REDIRECTS = 5;

/** The validators by which a resumed request checks that the file has not changed. */
export interface Validator {
  readonly etag?: string;
  readonly lastModified?: string;
}

/** What is known of the file that a partial download is of. */
type Known = Validator & { readonly total?: number };

export interface Part {
  readonly response: Response;
  /** The position in the file of the first byte of the response. */
  readonly start: number;
  /** The size of the whole file in bytes, if the server states it. */
  readonly total?: number;
  readonly validator: Validator;
}

/**
 * Requests a file from byte `from` on, if it is still the known one, and follows redirects. Throws `RetryError` for
 * temporary and `MirrorError` for permanent failures.
 */
export async function request(
  address: string,
  from: number,
  known: Known | undefined,
  { insecure = false, onEvent }: FetchOptions,
  signal: AbortSignal,
): Promise<Part> {
  let url = new URL(address);
  for (let hop = 0; ; hop++) {
    const refused = whyRefused(url, insecure, new URL(address));
    if (refused) throw new MirrorError(`${url.href}: ${refused}`);
    const response = await send(url, from, known, signal);
    if (response.status < 300 || response.status >= 400 || response.status === 304)
      return partOf(response, from, known);
    await response.body?.cancel();
    const location = response.headers.get("location");
    if (location === null || !URL.canParse(location, url)) throw new MirrorError("it redirects to an invalid URL");
    if (hop === MAX_REDIRECTS) throw new MirrorError(`it redirects more than ${MAX_REDIRECTS} times`);
    const next = new URL(location, url);
    if (next.host !== url.host || next.protocol !== url.protocol)
      onEvent?.({ type: "redirect", from: url.href, to: next.href });
    url = next;
  }
}

async function send(url: URL, from: number, validator: Validator | undefined, signal: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { "accept-encoding": "identity", "user-agent": "inkling" };
  if (from > 0) {
    headers["range"] = `bytes=${from}-`;
    const condition = validator?.etag ?? validator?.lastModified;
    if (condition) headers["if-range"] = condition;
  }
  try {
    return await fetch(url, { headers, redirect: "manual", signal });
  } catch (cause) {
    throw new RetryError(reasonOf(cause), { cause });
  }
}

/** A short description of an error below the HTTP level. */
export function reasonOf(cause: unknown): string {
  const { message, cause: deeper } = cause as Error;
  return deeper instanceof Error ? deeper.message || (deeper as NodeJS.ErrnoException).code || message : message;
}

async function partOf(response: Response, from: number, known: Known = {}): Promise<Part> {
  const { status, headers } = response;
  const give = async (error: Error): Promise<never> => {
    await response.body?.cancel();
    throw error;
  };
  if (status === 408 || status === 429 || status >= 500) {
    const seconds = Number(headers.get("retry-after"));
    return give(
      new RetryError(`the server responded with ${status}`, {}, seconds > 0 ? Math.min(seconds, 60) : undefined),
    );
  }
  if (status === 416) return give(new RetryError("the server has no such range", {}, undefined, true));
  if (status !== 200 && status !== 206) return give(new MirrorError(`the server responded with ${status}`));
  const encoding = headers.get("content-encoding");
  if (encoding !== null && encoding !== "identity")
    return give(new MirrorError(`the server sent it with a content encoding (${encoding})`));
  const etag = headers.get("etag");
  const lastModified = headers.get("last-modified");
  const validator = {
    ...(etag && !etag.startsWith("W/") && { etag }),
    ...(lastModified && { lastModified }),
  };
  if (status === 200) {
    const length = headers.get("content-length");
    return { response, start: 0, ...(length !== null && { total: Number(length) }), validator };
  }
  const [, start, end, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get("content-range") ?? "") ?? [];
  const length = headers.get("content-length");
  const isAsked = start !== undefined && Number(start) === from && from > 0 && Number(end) >= from;
  const isWhole = total === "*" || Number(end) === Number(total) - 1;
  if (!isAsked || !isWhole || (length !== null && Number(length) !== Number(end) - from + 1))
    return give(new RetryError("the server sent a different range than requested", {}, undefined, true));
  // A server that ignores the condition sends the rest of whatever file it has by now.
  const differs = (now: string | number | undefined, before: string | number | undefined) =>
    now !== undefined && before !== undefined && now !== before;
  const size = total === "*" ? undefined : Number(total);
  if (
    differs(validator.etag, known.etag) ||
    (known.etag === undefined && differs(validator.lastModified, known.lastModified)) ||
    differs(size, known.total)
  )
    return give(new RetryError("the file on the server has changed", {}, undefined, true));
  return { response, start: from, ...(size !== undefined && { total: size }), validator };
}
