import { InklingError } from "../base/error.ts";
import type { Dataset } from "../datasets/dataset.ts";
import { givenParts } from "../datasets/parts.ts";
import type { Entry, Format, OutputFile } from "./format.ts";
import { asideEntry, imageFiles, isHidden, MAX_FILE_BYTES, partFolders, TOO_LARGE } from "./imageFiles.ts";
import { isIdxImages } from "./pairs.ts";
import type { Folder } from "./platform.ts";

/** Files that are read concurrently: enough to keep a disk busy, few enough to fit in memory. */
const AT_ONCE = 16;

async function readEntry(folder: Folder, name: string): Promise<Omit<Entry, "read">> {
  if (isHidden(name)) return asideEntry(name, "hidden", 0);
  if (name.endsWith("/")) return asideEntry(name, "folder", 0);
  const file = await folder.entry(name);
  const unread = typeof file === "string" ? file : file.size > MAX_FILE_BYTES ? TOO_LARGE : undefined;
  return { name, unread, bytes: typeof file === "string" || unread ? new Uint8Array() : await file.bytes() };
}

async function* folderEntries(folder: Folder): AsyncGenerator<Entry> {
  let read = 0;
  const readAll = async function* (names: readonly string[]): AsyncGenerator<Entry> {
    for (const entry of await Promise.all(names.map((name) => readEntry(folder, name)))) {
      read += entry.bytes.length;
      yield { ...entry, read };
    }
  };
  try {
    let names: string[] = [];
    for await (const name of folder.walk()) {
      names.push(name);
      if (names.length < AT_ONCE) continue;
      yield* readAll(names);
      names = [];
    }
    yield* readAll(names);
  } catch (cause) {
    if (cause instanceof InklingError) throw cause;
    const { message } = cause as Error;
    throw new InklingError("FILE_SYSTEM", `${folder.path} cannot be read: ${message}`, { cause });
  }
}

/** The image files of a data set, in the given folder with a subfolder for each class, including empty ones. */
export function* encodeFolder(dataset: Dataset, name: string): Generator<OutputFile> {
  const files = imageFiles(dataset);
  // The first step checks the class names, before anything is written.
  const first = files.next();
  const parts = givenParts(dataset).map((part) => `${name}/${partFolders[part]}`);
  for (const folder of parts.length > 0 ? parts : [name])
    for (const className of dataset.classNames) yield { name: `${folder}/${className}/`, contents: [] };
  for (let next = first; !next.done; next = files.next())
    yield { name: `${name}/${next.value.name}`, contents: [next.value.bytes] };
}

/** A folder with a subfolder of images for each class, as in an archive. */
export const folder: Format = {
  id: "folder",
  name: "a folder with a folder for each class",
  extensions: ["/"],
  fileName: (part) => part,
  matches: ({ names }) => names !== undefined && !names.some(isIdxImages),
  files: (place: Folder) => ({
    description: `images of the folder ${place.name}`,
    entries: folderEntries(place),
  }),
  encode: encodeFolder,
};
