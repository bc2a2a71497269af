import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { InklingError } from "../../tensor/error.ts";
import { collect } from "./collect.ts";
import { type Entry, isHidden, MAX_FILE_BYTES, NO_FILE, TOO_LARGE } from "./entries.ts";
import type { Format, OpenOptions } from "./format.ts";

/** The files in a tar archive, in its order, read as a stream: nothing is extracted, and one file at a time is held. */
async function* tarEntries(path: string, compressed: boolean, signal?: AbortSignal): AsyncGenerator<Entry> {
  const file = createReadStream(path);
  const tar = extract();
  const stages = compressed ? ([file, createGunzip(), tar] as const) : ([file, tar] as const);
  // Every failure also ends the loop below, which reports it.
  pipeline(stages, { ...(signal && { signal }) }).catch(() => {});
  try {
    for await (const entry of tar) {
      const { name, type, size = 0 } = entry.header;
      const unread = type !== "file" ? NO_FILE : size > MAX_FILE_BYTES ? TOO_LARGE : undefined;
      const chunks: Uint8Array[] = [];
      for await (const chunk of entry as AsyncIterable<Uint8Array>) if (!unread) chunks.push(chunk);
      if (type === "directory" || isHidden(name)) continue;
      yield { name, bytes: Buffer.concat(chunks), ...(unread && { unread }), read: file.bytesRead };
    }
  } catch (cause) {
    if (cause instanceof InklingError || signal?.aborted) throw cause;
    const { message, syscall } = cause as NodeJS.ErrnoException;
    if (syscall) throw new InklingError("FILE_SYSTEM", `${path} cannot be read: ${message}`, { cause });
    throw new InklingError(
      "INVALID_DATA",
      `${path} is a damaged or truncated archive (${message}); fetch it again and compare its size and checksum`,
      { cause },
    );
  }
}

async function openArchive(path: string, compressed: boolean, options: OpenOptions) {
  const { size } = await stat(path);
  const description = `images of the archive ${basename(path)}, a folder for each class`;
  const entries = tarEntries(path, compressed, options.signal);
  return collect(entries, { source: path, description, totalBytes: size }, options);
}

/** The first header of a tar archive has this word at byte 257; all of POSIX's and GNU's forms do. */
const isTar = (head: Uint8Array): boolean => String.fromCharCode(...head.subarray(257, 262)) === "ustar";

/** A tar archive with a folder for each class. */
export const tar: Format = {
  name: "a .tar archive with a folder for each class",
  matches: isTar,
  open: (path, options) => openArchive(path, false, options),
};

/** A gzipped tar archive with a folder for each class, as notMNIST is published. */
export const tarGz: Format = {
  name: "a .tar.gz archive with a folder for each class",
  matches: (head) => head[0] === 0x1f && head[1] === 0x8b,
  open: (path, options) => openArchive(path, true, options),
};
