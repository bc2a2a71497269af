import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { InklingError } from "../../../tensor/error.ts";
import { damaged } from "../../formats/damaged.ts";

/** More than this is no data set of arrays that fits in memory. */
const MAX_BYTES = 2 ** 31;

/** A file in memory. Throws `FILE_SYSTEM`, and `ABORTED` when the signal says so. */
export async function readWhole(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  return readFile(path, { ...(signal && { signal }) }).catch((cause: Error) => {
    if (signal?.aborted) throw new InklingError("ABORTED", `reading ${path} was stopped`, { cause });
    throw new InklingError("FILE_SYSTEM", `${path} cannot be read: ${cause.message}`, { cause });
  });
}

/** A file in memory, unpacked where it is gzipped. Throws also `INVALID_DATA`. */
export async function readUnpacked(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  const bytes = await readWhole(path, signal);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_BYTES });
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
