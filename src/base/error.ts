/** Stable codes for everything that a user can get wrong or a machine cannot do, with one line each for the docs. */
export const errorCodes = {
  INVALID_ARGUMENT: "an option or argument has an invalid value",
  INVALID_SHAPE: "tensor shapes are incompatible",
  INVALID_MODEL: "a model description is invalid",
  INVALID_DATA: "a data set, image or file has invalid contents",
  UNKNOWN_FORMAT: "a file has a format or format version that this version does not support",
  NOT_FOUND: "a file or folder does not exist",
  NOT_FINITE: "a loss, gradient or weight became infinite or NaN",
  UNSUPPORTED: "this machine or JavaScript engine does not support the request",
  NETWORK: "a file could not be fetched from any of its URLs",
  FILE_SYSTEM: "the file system refused a read or write",
  ABORTED: "the caller canceled the operation",
} as const;

/** The code of an error: one of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;

/** The only error class that the library throws. It has a stable `code`, and its message says what to do. */
export class InklingError extends Error {
  readonly code: ErrorCode;

  /** `options.cause` is the underlying error, if any. */
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "InklingError";
    this.code = code;
  }
}

/** Throws `ABORTED` if the signal is aborted; `path` is what was being read. */
export function throwIfAborted(signal: AbortSignal | undefined, path: string): void {
  if (signal?.aborted) throw new InklingError("ABORTED", `reading ${path} was stopped`, { cause: signal.reason });
}
