import { InklingError } from "../base/error.ts";
import type { Entry, Format } from "./format.ts";
import { asideEntry, imageFiles, isHidden, MAX_FILE_BYTES, NOT_A_FILE, TOO_LARGE } from "./imageFiles.ts";
import { isNpz } from "./npz.ts";
import type { InflateRaw, Source } from "./platform.ts";
import { isZip, readZipDirectory, readZipEntry, type ZipEntry } from "./zipReader.ts";
import { writeZip } from "./zipWriter.ts";

const unreadBecause = ({ type, size, unreadable }: ZipEntry): string | undefined =>
  type !== "file" ? NOT_A_FILE : size > MAX_FILE_BYTES ? TOO_LARGE : unreadable;

async function* zipEntries(source: Source, inflateRaw: InflateRaw): AsyncGenerator<Entry> {
  for (const entry of await readZipDirectory(source, source.path)) {
    const { name, type, at, storedSize } = entry;
    if (isHidden(name) || type === "directory") {
      yield asideEntry(name, isHidden(name) ? "hidden" : "folder", at + storedSize);
      continue;
    }
    let unread = unreadBecause(entry);
    let bytes: Uint8Array = new Uint8Array();
    try {
      if (!unread) bytes = await readZipEntry(source, entry, inflateRaw, "the archive");
    } catch (error) {
      // The directory locates the next file, so only the damaged one is skipped.
      if (!(error instanceof InklingError && error.code === "INVALID_DATA")) throw error;
      unread = error.message;
    }
    yield { name, bytes, unread, read: at + storedSize };
  }
}

/** A .zip archive with a folder for each class. Only one file is in memory at a time. */
export const zip: Format = {
  id: "zip",
  name: "a .zip archive with a folder for each class",
  extensions: [".zip"],
  matches: ({ head }) => isZip(head) && !isNpz(head),
  files: (source: Source, _, { inflateRaw }) => ({
    description: `images of the archive ${source.name}`,
    entries: zipEntries(source, inflateRaw),
    totalBytes: source.size,
    dosNames: true,
  }),
  encode: (dataset, name) => [{ name, contents: writeZip(imageFiles(dataset)) }],
};
