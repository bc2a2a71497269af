import { type ErrorCode, InklingError } from "../base/error.ts";

/** The status for each code that an error response can have, beyond those of Inkling's own errors. */
const statuses = {
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  TIMEOUT: 408,
  TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  TOO_MANY_REQUESTS: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
} as const;

/** The codes of Inkling's own errors that are the fault of the request; all others are reported as `INTERNAL`. */
const faultsOfRequest = {
  INVALID_ARGUMENT: 400,
  INVALID_SHAPE: 422,
  INVALID_DATA: 422,
  UNKNOWN_FORMAT: 422,
} as const satisfies Partial<Record<ErrorCode, number>>;

const all = { ...faultsOfRequest, ...statuses };

/** The code of an error response. */
export type ProblemCode = keyof typeof all;

/** The codes of error responses, for the description of the API. */
export const problemCodes = Object.keys(all) as readonly ProblemCode[];

/** The most characters of a message, which may quote what a request sent. */
const LONGEST = 400;

/** Why a request is not answered. */
export class Problem extends Error {
  readonly code: ProblemCode;
  /** Headers of the response, such as when to try again. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message.length > LONGEST ? `${message.slice(0, LONGEST)} …` : message);
    this.name = "Problem";
    this.code = code;
    this.headers = headers;
  }

  get status() {
    return all[this.code];
  }

  /** The body of the response. */
  get body() {
    return { error: { code: this.code, message: this.message } };
  }
}

/** The server has more to do than it can in time. */
export const tooBusy = (): Problem => new Problem("UNAVAILABLE", "the server is too busy", { "Retry-After": "1" });

/** The client has left before its answer, which nobody reads. */
export const cutOff = (): Problem => new Problem("INVALID_ARGUMENT", "the request was cut off before its end");

/** Any error as a problem. One that is not the fault of the request says nothing of what happened inside. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof InklingError && error.code in faultsOfRequest)
    return new Problem(error.code as keyof typeof faultsOfRequest, error.message);
  if (error instanceof InklingError && error.code === "NOT_FINITE") return new Problem("INTERNAL", error.message);
  return new Problem("INTERNAL", "the server could not answer; its output has the reason");
}
