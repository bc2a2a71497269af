import type { Transform } from "node:stream";
import { InklingError } from "../../base/error.ts";

/** More than this is not unpacked, so that a small file cannot fill the memory. */
export const MAX_UNPACKED = 2 ** 31;

/** Unpacked at once; larger than any header, so that the first piece holds it. */
export const PIECE = 2 ** 18;

/**
 * What is packed in bytes, at most `size` of it: takes memory for no more, and stops as soon as there is more.
 * `check` is called with the first piece, and may throw before the rest is unpacked.
 */
export async function unpack(
  bytes: Uint8Array,
  unpacker: Transform,
  size: number,
  check?: (start: Uint8Array) => void,
): Promise<Uint8Array> {
  const unpacked = new Uint8Array(size);
  let filled = 0;
  unpacker.end(bytes);
  for await (const piece of unpacker as AsyncIterable<Uint8Array>) {
    if (filled === 0) check?.(piece);
    if (filled + piece.length > size) throw new RangeError(`it holds more than the ${size} bytes that it claims`);
    unpacked.set(piece, filled);
    filled += piece.length;
  }
  return unpacked.subarray(0, filled);
}

/** The error of what would not fit in memory; `advice` says what to do instead. */
export const tooLarge = (what: string, size: number, advice: string): InklingError =>
  new InklingError(
    "UNSUPPORTED",
    `${what} has ${size} bytes when unpacked, above the limit of ${MAX_UNPACKED}; ${advice}`,
  );
