import { decompress } from "fzstd";
import { DEFLATE_RATIO } from "../deflate.ts";
import { joinBounded, type Platform } from "../platform.ts";

/** How pages are compressed. */
interface Codec {
  /** The most bytes that one compressed byte can become; larger claims are rejected before memory is allocated. */
  readonly maxRatio: number;
  /** Decompresses a page to exactly `size` bytes; throws an error of any kind if that fails. */
  readonly unpack: (stored: Uint8Array, size: number, platform: Platform) => Uint8Array | Promise<Uint8Array>;
}

/** The supported codecs, by their number in the metadata. */
export const codecs: Readonly<Record<number, Codec>> = {
  0: { maxRatio: 1, unpack: (stored) => stored },
  // A copy of up to 64 bytes takes 3.
  1: { maxRatio: 64 / 3, unpack: unpackSnappy },
  2: { maxRatio: DEFLATE_RATIO, unpack: (stored, size, { gunzip }) => joinBounded(gunzip([stored]), size) },
  // A block of up to 128 KiB takes 4 bytes: a header, and the byte that is repeated.
  6: { maxRatio: 2 ** 15, unpack: (stored, size) => decompress(stored, new Uint8Array(size)) },
};

/** Names of all codecs, for messages. */
export const codecNames = ["none", "Snappy", "gzip", "LZO", "Brotli", "LZ4", "Zstandard", "LZ4"] as const;

/** Decompresses Snappy's raw format: the size, then literals and copies of what was decompressed before. */
function unpackSnappy(stored: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  let at = 0;
  while (stored[at++]! & 128); // the size, which is known
  let to = 0;
  while (at < stored.length && to < size) {
    const tag = stored[at++]!;
    if ((tag & 3) === 0) {
      let length = tag >> 2;
      if (length > 59) {
        const bytes = length - 59;
        length = 0;
        for (let i = 0; i < bytes; i++) length += stored[at++]! * 256 ** i;
      }
      length++;
      if (!(at + length <= stored.length && to + length <= size)) throw new RangeError("a literal is cut off");
      out.set(stored.subarray(at, at + length), to);
      at += length;
      to += length;
      continue;
    }
    const kind = tag & 3;
    const length = kind === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2);
    const offsetBytes = kind === 1 ? 1 : kind === 2 ? 2 : 4;
    let offset = kind === 1 ? (tag >> 5) << 8 : 0;
    for (let i = 0; i < offsetBytes; i++) offset += stored[at++]! * 256 ** i;
    if (!(offset > 0 && offset <= to && to + length <= size)) throw new RangeError("a copy is out of range");
    for (const end = to + length; to < end; to++) out[to] = out[to - offset]!;
  }
  if (to !== size) throw new RangeError(`it has ${to} bytes, expected ${size}`);
  return out;
}
