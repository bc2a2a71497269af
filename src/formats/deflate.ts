import { concatBytes } from "../base/bytes.ts";
import { InklingError } from "../base/error.ts";
import { allocate } from "../base/memory.ts";

/** Compresses to the zlib format (RFC 1950), with the engine's CompressionStream. */
export async function deflate(raw: Uint8Array): Promise<Uint8Array> {
  const compressed = new Blob([raw.slice()]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(compressed).arrayBuffer());
}

/** Decompresses zlib data (RFC 1950) of unknown size; throws as soon as there are more than `most` bytes. */
export async function inflateUpTo(stored: Uint8Array, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const reader = new Blob([stored.slice()]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  const pieces: Uint8Array[] = [];
  let filled = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    filled += next.value.length;
    if (filled > most) {
      await reader.cancel().catch(() => {});
      throw new RangeError(`it holds more than ${most} bytes`);
    }
    pieces.push(next.value);
  }
  return concatBytes(pieces);
}

/** What to do about a section that does not fit in memory. */
export const STREAM_IT =
  "save it as an .inkling file with --no-compress, which can be trained on without reading it into memory";

/** Deflate's maximum compression ratio, by which a larger claim is rejected before memory is allocated. */
export const DEFLATE_RATIO = 1032;

/**
 * Decompresses zlib data (RFC 1950) to exactly `size` bytes. Stops as soon as there are more, so that a small file cannot
 * fill the memory. Throws `INVALID_DATA` for damaged data or another size, and `UNSUPPORTED` if there is not enough
 * memory; messages begin with `what`.
 */
export async function inflate(what: string, stored: Uint8Array, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const broken = (reason: string, cause?: unknown) =>
    new InklingError("INVALID_DATA", `${what} ${reason}; the file is damaged: fetch or build it again`, { cause });
  if (size > stored.length * DEFLATE_RATIO) throw broken(`claims ${size} bytes, too many for its ${stored.length}`);
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
