import { allocate } from "../base/bytes.ts";
import { InklingError } from "../base/error.ts";

/** Compresses to the zlib format (RFC 1950), in Node and in a browser. */
export async function deflate(raw: Uint8Array): Promise<Uint8Array> {
  const compressed = new Blob([raw.slice()]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(compressed).arrayBuffer());
}

/** What to do about a section that memory cannot hold. */
export const STREAM_IT =
  "save it as an .inkling file with --no-compress, which can be trained on without reading it into memory";

/** Deflate cannot shrink anything further than this, so a claim of more is false before any memory is taken. */
const MAX_RATIO = 1032;

/**
 * The `size` bytes that zlib data of the same size were made from. It stops as soon as there are more, so that
 * a small file cannot fill the memory. Throws `INVALID_DATA` and `UNSUPPORTED`, with `what` as the start of the message.
 */
export async function inflate(what: string, stored: Uint8Array, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const broken = (reason: string, cause?: unknown) =>
    new InklingError("INVALID_DATA", `${what} ${reason}; the file is damaged: fetch or build it again`, { cause });
  if (size > stored.length * MAX_RATIO) throw broken(`claims ${size} bytes, too many for its ${stored.length}`);
  const raw = allocate(size, what, STREAM_IT);
  const reader = new Blob([stored.slice()]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  let filled = 0;
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw broken("cannot be decompressed", cause);
    });
    if (done) break;
    if (filled + value.length > size) {
      await reader.cancel().catch(() => {});
      throw broken(`holds more than the ${size} bytes that it claims`);
    }
    raw.set(value, filled);
    filled += value.length;
  }
  if (filled < size) throw broken(`holds ${filled} bytes, expected ${size}`);
  return raw;
}
