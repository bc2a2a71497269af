import { basename } from "node:path";
import { InklingError } from "../../base/error.ts";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import { isNpz } from "../npz.ts";
import { isZip, readZipDirectory, readZipEntry, type ZipEntry } from "../zip.ts";
import { writeZip } from "../zipWriter.ts";
import { collect } from "./collect.ts";
import { type Entry, isHidden, MAX_FILE_BYTES, NO_FILE, TOO_LARGE } from "./entries.ts";
import { inflateRaw, withFile } from "./fileSource.ts";
import type { Format } from "./format.ts";
import { imageFiles } from "./imageFiles.ts";

const unreadBecause = ({ type, size, unreadable }: ZipEntry): string | undefined =>
  type !== "file" ? NO_FILE : size > MAX_FILE_BYTES ? TOO_LARGE : unreadable;

/** A .zip archive with a folder for each class. One file at a time is held. */
export const zip: Format = {
  id: "zip",
  name: "a .zip archive with a folder for each class",
  extensions: [".zip"],
  matches: ({ head }) => isZip(head) && !isNpz(head),
  open: (path, options) =>
    withFile(path, (source) => {
      async function* entries(): AsyncGenerator<Entry> {
        for (const entry of await readZipDirectory(source, path)) {
          const { name, type, at, storedSize } = entry;
          if (type === "directory" || isHidden(name)) continue;
          let unread = unreadBecause(entry);
          let bytes: Uint8Array = new Uint8Array();
          try {
            if (!unread) bytes = await readZipEntry(source, entry, inflateRaw, "the archive");
          } catch (error) {
            // The directory tells where the next file is, so one that is damaged loses only itself.
            if (!(error instanceof InklingError)) throw error;
            unread = error.message;
          }
          yield { name, bytes, ...(unread && { unread }), read: at + storedSize };
        }
      }
      const description = `images of the archive ${basename(path)}, a folder for each class`;
      return collect(entries(), { source: path, description, totalBytes: source.size }, options);
    }),
  async save(dataset, path) {
    await writeFileAtomic(path, writeZip(imageFiles(dataset)));
  },
};
