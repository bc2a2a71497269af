import { lstat, readFile, realpath, rm } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { InklingError } from "../../base/error.ts";
import { writeFileAtomic } from "../../base/node/writeFile.ts";
import type { Dataset } from "../../datasets/dataset.ts";
import {
  isCsvFileList,
  isJsonFileList,
  type ListedFile,
  readCsvFileList,
  readJsonFileList,
  writeFileList,
} from "../fileList.ts";
import { collect } from "./collect.ts";
import { type Entry, MAX_FILE_BYTES, NO_FILE, TOO_LARGE } from "./entries.ts";
import type { Format, ReadOptions } from "./format.ts";
import { imageFileNames } from "./imageFiles.ts";
import { readPieces } from "./readWhole.ts";
import { saveFolder } from "./saveFolder.ts";

/** Whether a path lies below a folder, which may be that of the whole file system. Both without links. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** A listed file; one that is not there, or lies outside the list's folder, is not read and is skipped by name. */
async function readListed(root: string, { file, label, group }: ListedFile): Promise<Entry> {
  const name = file.replaceAll("\\", "/");
  const entry = { name, className: label, group, bytes: new Uint8Array(), read: 0 };
  if (name.startsWith("/") || name.split("/").includes("..")) return entry; // collect refuses the name
  try {
    const path = join(root, name);
    const status = await lstat(path);
    if (!status.isFile()) return { ...entry, unread: NO_FILE };
    if (status.size > MAX_FILE_BYTES) return { ...entry, unread: TOO_LARGE };
    if (!isWithin(root, await realpath(path))) return { ...entry, unread: "it lies outside, by a link" };
    return { ...entry, bytes: await readFile(path) };
  } catch (cause) {
    return { ...entry, unread: `it cannot be read: ${(cause as Error).message}` };
  }
}

async function openList(path: string, files: AsyncIterable<ListedFile>, options: ReadOptions): Promise<Dataset> {
  const root = await realpath(dirname(path));
  async function* entries(): AsyncGenerator<Entry> {
    let read = 0;
    for await (const listed of files) {
      const entry = await readListed(root, listed);
      read += entry.bytes.length;
      yield { ...entry, read };
    }
  }
  const description = `images listed in ${basename(path)}`;
  return collect(entries(), { source: path, description }, options);
}

/** Where the images of a list are saved. */
const folderOf = (path: string): string => path.replace(/\.[^./\\]+$/, "");

/** Writes images into a folder named as the list, without its extension, and the list beside it. */
async function saveList(dataset: Dataset, path: string, format: "csv" | "jsonl"): Promise<void> {
  const folder = folderOf(path);
  if (folder === path)
    throw new InklingError("INVALID_ARGUMENT", `${path}: a list needs an extension, e.g. .${format}`);
  const listed = imageFileNames(dataset).map(({ name, className }, row): ListedFile => {
    const group = dataset.groups?.[row]?.toString();
    return { file: `${basename(folder)}/${name}`, label: className, group };
  });
  await saveFolder(dataset, folder);
  try {
    await writeFileAtomic(path, [...writeFileList(listed, format)].join(""));
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** CSV of file,label and, if there is such a column, group: images in files, named relative to the list. */
export const csvList: Format = {
  id: "csv-files",
  name: "a .csv file of file,label",
  extensions: [],
  fileName: (part) => `${part}.csv`,
  written: (path) => [path, folderOf(path)],
  matches: ({ head }) => isCsvFileList(head),
  open: (path, options) => openList(path, readCsvFileList(readPieces(path, options.signal), path), options),
  save: (dataset, path) => saveList(dataset, path, "csv"),
};

/** The same as JSON objects, one a line. */
export const jsonList: Format = {
  id: "jsonl",
  name: 'a .jsonl file of {"file", "label"}',
  extensions: [".jsonl"],
  written: (path) => [path, folderOf(path)],
  matches: ({ head }) => isJsonFileList(head),
  open: (path, options) => openList(path, readJsonFileList(readPieces(path, options.signal), path), options),
  save: (dataset, path) => saveList(dataset, path, "jsonl"),
};
