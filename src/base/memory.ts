import { InklingError } from "./error.ts";

/** How much memory a process may use unless it is told otherwise, in bytes, and how much it uses. */
interface Platform {
  readonly budget: number;
  readonly used: () => number;
}

let platform: Platform = { budget: 4 * 2 ** 30, used: () => 0 };
let chosen: number | undefined;

/** Provides a platform's default budget, and its measure of the memory in use. */
export function provideMemory(provided: Platform): void {
  platform = provided;
}

/**
 * Sets how much memory this process may use, in bytes, so that a file cannot claim all of the machine's: what would
 * exceed it throws `UNSUPPORTED`. Default: half of the machine's memory in Node, 4 GiB elsewhere. Throws
 * `INVALID_ARGUMENT` for less than 64 MiB.
 */
export function limitMemory(bytes: number): void {
  if (!(bytes >= 2 ** 26))
    throw new InklingError("INVALID_ARGUMENT", `the limit of memory is ${bytes} bytes, expected at least 64 MiB`);
  chosen = bytes;
}

/** How much memory this process may use, in bytes. */
export const memoryLimit = (): number => chosen ?? platform.budget;

/** Amounts below this are not checked one by one. */
const SMALL = 2 ** 24;

/**
 * Call it before memory is used in proportion to what a file or a caller claims. Throws `UNSUPPORTED`, with `advice` on
 * what to do, if `bytes` more are beyond the budget; `what` needs them.
 */
export function claimMemory(bytes: number, what: string, advice: string): void {
  if (bytes < SMALL) return;
  const limit = memoryLimit();
  const free = Math.max(0, limit - platform.used());
  if (bytes <= free) return;
  throw new InklingError(
    "UNSUPPORTED",
    `${what} would take ${mebibytes(bytes)}, but of the ${mebibytes(limit)} that this process may use only ${mebibytes(free)} are left; ${advice}, or raise the limit with limitMemory (--memory)`,
  );
}

/** Whether an engine has thrown an error because memory ran out. */
export const ranOutOfMemory = (cause: unknown): boolean =>
  cause instanceof Error && /could not allocate memory|allocation failed|out of memory/i.test(cause.message);

/** What to do where a process gets no more memory, though it may need little. */
export const MORE_MEMORY =
  "close other programs, or raise the limit of the address space of this process, as with ulimit -v unlimited";

/** 5,000,000 as 5 MiB, rounded up. */
export const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

/**
 * Allocates `length` bytes for `what`. Throws `UNSUPPORTED`, with `advice` on what to do, if that is more than the budget or
 * an array can hold.
 */
export function allocate(length: number, what: string, advice: string): Uint8Array<ArrayBuffer> {
  claimMemory(length, what, advice);
  return allocateUnclaimed(length, what, advice);
}

/** {@link allocate} for bytes of which most may stay unused: the budget is for those that are used. */
export function allocateUnclaimed(length: number, what: string, advice: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    throw new InklingError("UNSUPPORTED", `${what}: ${length} bytes of memory cannot be allocated here; ${advice}`, {
      cause,
    });
  }
}
