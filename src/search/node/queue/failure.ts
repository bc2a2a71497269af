import { hostname } from "node:os";
import * as v from "valibot";
import { type ErrorCode, errorCodes, InklingError } from "../../../base/error.ts";
import { parseJsonObject } from "../../../base/json.ts";

const failureSchema = v.object({
  code: v.picklist(Object.keys(errorCodes) as ErrorCode[]),
  message: v.pipe(v.string(), v.maxLength(10_000)),
});

/** What BullMQ says when workers have vanished too often. */
const STALLED = /stalled more than/;

/** An error of a worker as the reason that its task has failed; {@link failureOf} reads it. */
export function reasonOf(error: unknown): string {
  const { message } = error as Error;
  return error instanceof InklingError
    ? JSON.stringify({ code: error.code, message: `${message} (on ${hostname()})` })
    : message;
}

/** The error that a worker has reported. */
export function failureOf(reason: string, folder: string): InklingError {
  const parsed = v.safeParse(failureSchema, parseJsonObject(reason ?? ""));
  if (parsed.success) return new InklingError(parsed.output.code, parsed.output.message);
  return STALLED.test(reason)
    ? new InklingError(
        "UNSUPPORTED",
        `workers have vanished again and again while they trained ${folder}; it may need more memory than they have: try a lower --concurrency`,
      )
    : new InklingError("INVALID_DATA", `a worker could not train ${folder}: ${String(reason).slice(0, 1000)}`);
}
