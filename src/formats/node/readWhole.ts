import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { InklingError } from "../../base/error.ts";
import { damaged } from "../damaged.ts";
import { withFile } from "./fileSource.ts";
import { firstInner, isGzip } from "./glimpse.ts";
import { MAX_UNPACKED, PIECE, tooLarge, unpack } from "./unpack.ts";

/** Compressed, the first 512 bytes of anything take less. */
const HEAD = 4096;

/** A file in memory. Throws `FILE_SYSTEM`, and `ABORTED` when the signal says so. */
export async function readWhole(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  // Node's readFile gives up at 2 GiB.
  const size = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (size >= 2 ** 31 - 1) return withFile(path, async (source) => source.read(0, source.size));
  return readFile(path, { ...(signal && { signal }) }).catch((cause: Error) => {
    if (signal?.aborted) throw new InklingError("ABORTED", `reading ${path} was stopped`, { cause });
    throw new InklingError("FILE_SYSTEM", `${path} cannot be read: ${cause.message}`, { cause });
  });
}

/**
 * A file in memory, unpacked where it is gzipped. `sizeOf` tells from the first bytes within how many there are, or throws.
 * Throws also `INVALID_DATA`, and `UNSUPPORTED` for what is too large.
 */
export async function readUnpacked(
  path: string,
  sizeOf: (head: Uint8Array, what: string) => number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const bytes = await readWhole(path, signal);
  if (!isGzip(bytes)) return bytes;
  const size = sizeOf(await firstInner(bytes.subarray(0, HEAD)), path);
  // Deflate cannot shrink anything further than 1032 times.
  if (size > bytes.length * 1032) throw damaged(path, `its header claims ${size} bytes, too many for ${bytes.length}`);
  if (size > MAX_UNPACKED) throw tooLarge(path, size, "unpack it first, by gunzip");
  try {
    return await unpack(bytes, createGunzip({ chunkSize: PIECE }), size);
  } catch (cause) {
    throw damaged(path, `it cannot be decompressed (${(cause as Error).message})`, cause);
  }
}

/** A file, piece by piece. Throws `FILE_SYSTEM` and `ABORTED`. */
export async function* readPieces(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: 2 ** 18, ...(signal && { signal }) }) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    if (signal?.aborted) throw new InklingError("ABORTED", `reading ${path} was stopped`, { cause });
    throw new InklingError("FILE_SYSTEM", `${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
