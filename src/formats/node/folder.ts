import { lstat, readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { InklingError } from "../../base/error.ts";
import { collect } from "./collect.ts";
import { type Entry, isHidden, MAX_FILE_BYTES, NO_FILE, TOO_LARGE } from "./entries.ts";
import type { Format } from "./format.ts";
import { isIdxImages } from "./pairs.ts";
import { saveFolder } from "./saveFolder.ts";

/** Files that are read at the same time: enough to keep a disk busy, few enough to hold in memory. */
const AT_ONCE = 16;

/** Names of all files below a folder, relative to it; links are named, not followed. */
async function* fileNames(root: string, below = ""): AsyncGenerator<string> {
  for (const item of await readdir(join(root, below), { withFileTypes: true })) {
    if (isHidden(item.name)) continue;
    const name = below === "" ? item.name : `${below}/${item.name}`;
    if (item.isDirectory()) yield* fileNames(root, name);
    else yield name;
  }
}

async function readEntry(root: string, name: string): Promise<Omit<Entry, "read">> {
  const path = join(root, name);
  const status = await lstat(path);
  const unread = !status.isFile() ? NO_FILE : status.size > MAX_FILE_BYTES ? TOO_LARGE : undefined;
  return unread ? { name, bytes: new Uint8Array(), unread } : { name, bytes: await readFile(path) };
}

async function* folderEntries(root: string): AsyncGenerator<Entry> {
  let read = 0;
  const readAll = async function* (names: readonly string[]): AsyncGenerator<Entry> {
    for (const entry of await Promise.all(names.map((name) => readEntry(root, name)))) {
      read += entry.bytes.length;
      yield { ...entry, read };
    }
  };
  try {
    let names: string[] = [];
    for await (const name of fileNames(root)) {
      names.push(name);
      if (names.length < AT_ONCE) continue;
      yield* readAll(names);
      names = [];
    }
    yield* readAll(names);
  } catch (cause) {
    if (cause instanceof InklingError) throw cause;
    const { message } = cause as Error;
    throw new InklingError("FILE_SYSTEM", `${root} cannot be read: ${message}`, { cause });
  }
}

/** A folder with a folder of images for each class: the tree that an archive would hold. */
export const folder: Format = {
  id: "folder",
  name: "a folder with a folder for each class",
  extensions: ["/"],
  fileName: (part) => part,
  matches: ({ names }) => names !== undefined && !names.some(isIdxImages),
  open: (path, options) => {
    const description = `images of the folder ${basename(path)}, a folder for each class`;
    return collect(folderEntries(path), { source: path, description }, options);
  },
  save: saveFolder,
};
