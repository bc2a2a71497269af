/** Stable codes of everything that a user can get wrong or a machine can refuse. One line each, for the docs. */
export const errorCodes = {
  INVALID_ARGUMENT: "an option or an argument has a value that it cannot have",
  INVALID_SHAPE: "shapes of tensors do not fit together",
  INVALID_MODEL: "a model's description is wrong",
  INVALID_DATA: "a data set, an image or a file has contents that cannot be used",
  UNKNOWN_FORMAT: "a file has a format or a format version that this version does not read",
  NOT_FOUND: "a file or a folder is not there",
  NOT_FINITE: "a loss, a gradient or a weight became infinite or not a number",
  UNSUPPORTED: "this machine or engine cannot do what was asked",
  NETWORK: "a file cannot be fetched from any of its addresses",
  FILE_SYSTEM: "the file system refused to read or to write",
  ABORTED: "the caller stopped the work",
} as const;

/** The code of an error, see {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;

/** The one error class that the library throws: a stable `code`, and a line or two that say what, where and what to do. */
export class InklingError extends Error {
  readonly code: ErrorCode;

  /** An error of the library; `options.cause` is what led to it. */
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "InklingError";
    this.code = code;
  }
}

/** Throws `ABORTED` where the signal says so. */
export function throwIfAborted(signal: AbortSignal | undefined, path: string): void {
  if (signal?.aborted) throw new InklingError("ABORTED", `reading ${path} was stopped`, { cause: signal.reason });
}
