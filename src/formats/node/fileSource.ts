import { open } from "node:fs/promises";
import { createInflateRaw, inflateRawSync } from "node:zlib";
import { InklingError } from "../../base/error.ts";
import type { InflateRaw, Source } from "../source.ts";
import { PIECE, unpack } from "./unpack.ts";

/** What is larger is unpacked piece by piece; of what is not, there may be many, and one call each is faster. */
const LARGE = 2 ** 20;

/** Read at once, so that small files that lie side by side take few calls. */
const WINDOW = 2 ** 20;
/** Node reads no more in one call. */
const MAX_READ = 2 ** 30;

/** Lets `use` read a file here and there, and closes it. Throws `FILE_SYSTEM`. */
export async function withFile<T>(path: string, use: (source: Source) => Promise<T>): Promise<T> {
  const refuse = (cause: Error): never => {
    throw new InklingError("FILE_SYSTEM", `${path} cannot be read: ${cause.message}`, { cause });
  };
  const file = await open(path).catch(refuse);
  try {
    const { size } = await file.stat().catch(refuse);
    let start = 0;
    let window = new Uint8Array();
    const read = async (at: number, length: number): Promise<Uint8Array> => {
      if (at < start || at + length > start + window.length) {
        const wanted = Math.min(size - at, Math.max(length, WINDOW));
        const next = new Uint8Array(wanted);
        for (let filled = 0; filled < wanted; ) {
          const { bytesRead } = await file
            .read(next, filled, Math.min(wanted - filled, MAX_READ), at + filled)
            .catch(refuse);
          if (bytesRead === 0) throw new InklingError("INVALID_DATA", `${path} became shorter while it was read`);
          filled += bytesRead;
        }
        [start, window] = [at, next];
      }
      return window.subarray(at - start, at - start + length);
    };
    return await use({ size, read });
  } finally {
    await file.close();
  }
}

/** Undoes raw deflate; gives up as soon as there is more than what was claimed. */
export const inflateRaw: InflateRaw = (bytes, size, check) => {
  if (size === 0) return new Uint8Array();
  if (size > LARGE) return unpack(bytes, createInflateRaw({ chunkSize: PIECE }), size, check);
  return inflateRawSync(bytes, { maxOutputLength: size });
};
