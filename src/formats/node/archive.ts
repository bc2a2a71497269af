import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import type { TransformOptions } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setImmediate } from "node:timers/promises";
import { createGunzip, type ZlibOptions } from "node:zlib";
import { InklingError } from "../../base/error.ts";
import { isIdx } from "../idx.ts";
import { TarReader } from "../tar.ts";
import { isOldTar } from "../tarHeader.ts";
import { collect } from "./collect.ts";
import { type Entry, isHidden, MAX_FILE_BYTES, NO_FILE, TOO_LARGE } from "./entries.ts";
import type { Format, ReadOptions } from "./format.ts";
import { isGzip } from "./glimpse.ts";
import { saveTar } from "./saveTar.ts";

/** Read and unpacked at once: some hundred small files. */
const PIECE = 2 ** 18;
/** Unpacked ahead, by another thread, while images are decoded. */
const ahead: ZlibOptions & TransformOptions = { chunkSize: PIECE, readableHighWaterMark: 8 * PIECE };

/** The files in a tar archive, in its order, read as a stream: nothing is extracted, and one file at a time is held. */
async function* tarEntries(path: string, compressed: boolean, signal?: AbortSignal): AsyncGenerator<Entry> {
  const file = createReadStream(path, { highWaterMark: PIECE });
  const gunzip = compressed ? createGunzip(ahead) : undefined;
  // Every failure also ends the loop below, which reports it.
  if (gunzip) pipeline(file, gunzip, { ...(signal && { signal }) }).catch(() => {});
  const reader = new TarReader(MAX_FILE_BYTES);
  try {
    for await (const piece of (gunzip ?? file) as AsyncIterable<Uint8Array>) {
      // Decoding waits for nothing, so without this the other thread would hear of its next piece only at the end.
      await setImmediate();
      for (const { name, type, size, bytes } of reader.push(piece)) {
        if (type === "directory" || isHidden(name)) continue;
        const unread = type !== "file" ? NO_FILE : size > MAX_FILE_BYTES ? TOO_LARGE : undefined;
        yield { name, bytes, ...(unread && { unread }), read: file.bytesRead };
      }
    }
    reader.end();
  } catch (cause) {
    if (signal?.aborted) throw cause;
    const { message, syscall } = cause as NodeJS.ErrnoException;
    if (syscall) throw new InklingError("FILE_SYSTEM", `${path} cannot be read: ${message}`, { cause });
    throw new InklingError(
      "INVALID_DATA",
      `${path} is a damaged or truncated archive (${message}); fetch it again and compare its size and checksum`,
      { cause },
    );
  } finally {
    file.destroy();
  }
}

async function openArchive(path: string, compressed: boolean, options: ReadOptions) {
  const { size } = await stat(path);
  const description = `images of the archive ${basename(path)}, a folder for each class`;
  const entries = tarEntries(path, compressed, options.signal);
  return collect(entries, { source: path, description, totalBytes: size }, options);
}

/** The first header of a tar archive has this word at byte 257; all of POSIX's and GNU's forms do. */
const isTar = (head: Uint8Array): boolean => String.fromCharCode(...head.subarray(257, 262)) === "ustar";

/** Of what is gzipped: a tar archive by its word or, before POSIX, its sum; or damaged, or named so, to be told what is wrong. */
const isPackedTar = (path: string, inner: Uint8Array): boolean =>
  inner.length === 0 || isTar(inner) || isOldTar(inner) || tarGz.extensions.some((end) => path.endsWith(end));

/** A tar archive with a folder for each class. */
export const tar: Format = {
  id: "tar",
  name: "a .tar archive with a folder for each class",
  extensions: [".tar"],
  matches: ({ head }) => isTar(head),
  open: (path, options) => openArchive(path, false, options),
  save: (dataset, path) => saveTar(dataset, path, false),
};

/** A gzipped tar archive with a folder for each class, as notMNIST is published. */
export const tarGz: Format = {
  id: "tar.gz",
  name: "a .tar.gz archive with a folder for each class",
  extensions: [".tar.gz", ".tgz"],
  matches: ({ path, head, inner }) => isGzip(head) && !isIdx(inner) && isPackedTar(path, inner),
  open: (path, options) => openArchive(path, true, options),
  save: (dataset, path) => saveTar(dataset, path, true),
};
