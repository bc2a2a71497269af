import { InklingError } from "./error.ts";

/** Throws `ABORTED` where the signal says so. */
export function throwIfAborted(signal: AbortSignal | undefined, path: string): void {
  if (signal?.aborted) throw new InklingError("ABORTED", `reading ${path} was stopped`, { cause: signal.reason });
}
