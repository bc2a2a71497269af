import { InklingError } from "../base/error.ts";
import { paired } from "./companions.ts";
import { type Entry, type Format, type Glimpse, type ImageFiles, isGzip, type ReadOptions } from "./format.ts";
import { isIdx } from "./idx.ts";
import { asideEntry, imageFiles, isHidden, MAX_FILE_BYTES, NOT_A_FILE, TOO_LARGE } from "./imageFiles.ts";
import type { Platform, Source } from "./platform.ts";
import { isOldTar, TarReader } from "./tarReader.ts";
import { writeTar } from "./tarWriter.ts";

/**
 * The files in a tar archive, in order, read as a stream: nothing is extracted, and only one file is in memory at a time.
 * Those of more than `maxFileBytes` are not read.
 */
export async function* tarEntries(
  source: Source,
  gunzip: Platform["gunzip"] | undefined,
  signal: AbortSignal | undefined,
  maxFileBytes = MAX_FILE_BYTES,
): AsyncGenerator<Entry> {
  let read = 0;
  const counted = async function* () {
    for await (const piece of source.pieces(signal)) {
      read += piece.length;
      yield piece;
    }
  };
  const reader = new TarReader(maxFileBytes);
  try {
    for await (const piece of gunzip ? gunzip(counted()) : counted())
      for (const { name, type, size, bytes, unreadable } of reader.push(piece)) {
        if (isHidden(name) || type === "directory") {
          yield asideEntry(name, isHidden(name) ? "hidden" : "folder", read);
          continue;
        }
        const unread = unreadable ?? (type !== "file" ? NOT_A_FILE : size > maxFileBytes ? TOO_LARGE : undefined);
        yield { name, bytes, unread, read };
      }
    reader.end();
  } catch (cause) {
    if (signal?.aborted || (cause instanceof InklingError && cause.code === "FILE_SYSTEM")) throw cause;
    throw new InklingError(
      "INVALID_DATA",
      `${source.path} is a damaged or truncated archive (${(cause as Error).message}); fetch it again and compare its size and checksum`,
      { cause },
    );
  }
}

const filesOf = (source: Source, { signal, classNames }: ReadOptions, gunzip?: Platform["gunzip"]): ImageFiles => ({
  description: `images of the archive ${source.name}`,
  entries: paired(tarEntries(source, gunzip, signal), source.path, classNames),
  totalBytes: source.size,
});

/** All POSIX and GNU tar archives have this word at byte 257. */
const isTar = (head: Uint8Array): boolean => String.fromCharCode(...head.subarray(257, 262)) === "ustar";

/** Gzipped tar archives, by magic or (pre-POSIX) checksum. Damaged ones match too, so that reading reports the damage. */
const isPackedTar = ({ name, inner }: Glimpse): boolean =>
  inner.length === 0 || isTar(inner) || isOldTar(inner) || tarGz.extensions.some((end) => name.endsWith(end));

/** A tar archive with a folder for each class. */
export const tar: Format = {
  id: "tar",
  name: "a .tar archive with a folder for each class",
  extensions: [".tar"],
  matches: ({ head }) => isTar(head),
  files: (source: Source, options) => filesOf(source, options),
  encode: (dataset, name) => [{ name, contents: writeTar(imageFiles(dataset)) }],
};

/** A gzipped tar archive with a folder for each class, as notMNIST is published. */
export const tarGz: Format = {
  id: "tar.gz",
  name: "a .tar.gz archive with a folder for each class",
  extensions: [".tar.gz", ".tgz"],
  matches: (glimpse) => isGzip(glimpse.head) && !isIdx(glimpse.inner) && isPackedTar(glimpse),
  files: (source: Source, options, { gunzip }) => filesOf(source, options, gunzip),
  encode: (dataset, name, _, { gzip }) => [{ name, contents: gzip(writeTar(imageFiles(dataset))) }],
};
