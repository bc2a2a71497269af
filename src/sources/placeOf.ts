import { InklingError, throwIfAborted } from "../base/error.ts";
import { quoted } from "../base/printable.ts";
import { type SplitName, splitNames } from "../datasets/splitSizes.ts";
import type { ReadOptions } from "../formats/format.ts";
import { type Folder, MAX_UNPACKED, memorySource, type Place, type Source } from "../formats/platform.ts";
import {
  BlobFile,
  type DirectoryHandle,
  type Dropped,
  entriesOf,
  type FileHandle,
  FilesFolder,
  fileBehind,
  filesOf,
  HandleFolder,
  piecesOf,
} from "./files.ts";

/**
 * Where a data set may come from without a file system: a File or Blob; bytes; several files, as from `<input multiple>` or
 * `<input webkitdirectory>`; what was dropped, files and folders, as `event.dataTransfer` or its entries; a map of files by
 * their names relative to a folder, for sending a folder to a worker, where files lose their paths; a file or folder handle
 * of the File System API; or a URL.
 */
export type DataSource =
  | Blob
  | ArrayBuffer
  | Uint8Array
  | ArrayLike<File>
  | Dropped
  | readonly FileSystemEntry[]
  | ReadonlyMap<string, Blob>
  | FileHandle
  | DirectoryHandle
  | URL;

/** How to open a {@link DataSource}. */
export interface SourceOptions extends ReadOptions {
  /** Which of several files to open; the others may belong to it, such as its labels. Default: all. */
  readonly file?: string;
  /** The name, in messages and `provenance`, of a source that has none of its own. Default: "memory". */
  readonly name?: string;
  /** The most bytes to fetch from a URL. Default: 2 GiB. */
  readonly maxBytes?: number;
}

/** Where a source is. */
export interface Located {
  readonly place: Place;
  /** The part that a URL selects. */
  readonly part?: Pick<ReadOptions, "part">;
}

/** The place of a source; a URL is fetched. Throws as `openDataset` does. */
export async function placeOf(source: DataSource, options: SourceOptions): Promise<Located> {
  const { name = "memory", file } = options;
  if (source instanceof URL) return fetched(source, options);
  if (source instanceof ArrayBuffer) return { place: memorySource(new Uint8Array(source), name) };
  if (source instanceof Uint8Array) return { place: memorySource(source, name) };
  if (source instanceof Blob) return { place: new BlobFile(source, options.name ?? nameOf(source) ?? name) };
  if (isHandle(source))
    return source.kind === "file"
      ? { place: await fileBehind(source) }
      : { place: await within(new HandleFolder(source), file) };
  if (source instanceof Map) return { place: await within(new FilesFolder(name, source), file) };
  if (isDropped(source)) return ofFiles([...(await filesOf(entriesOf(source)))], file);
  if (isEntries(source)) return ofFiles([...(await filesOf(source))], file);
  if (isFiles(source))
    return ofFiles(
      Array.from(source, (one) => [one.webkitRelativePath || one.name, one] as const),
      file,
    );
  throw new InklingError(
    "INVALID_ARGUMENT",
    `${typeof source === "string" ? quoted(source) : "this"} is not a data source; pass a File, Blob, bytes, files, a handle from the File System API or a URL; openDataset of inkling/node accepts paths and names`,
  );
}

/** A single file by itself, or files that belong together. */
async function ofFiles(files: readonly (readonly [path: string, file: File])[], file?: string): Promise<Located> {
  const [[path, only] = []] = files;
  if (files.length === 1 && only && path === only.name && file === undefined)
    return { place: new BlobFile(only, only.name) };
  return { place: await within(FilesFolder.of(files), file) };
}

const nameOf = (blob: Blob): string | undefined => (blob as Partial<File>).name;
const isHandle = (source: object): source is FileHandle | DirectoryHandle =>
  typeof source === "object" && source !== null && "kind" in source;
const isDropped = (source: object): source is Dropped =>
  typeof source === "object" && source !== null && "items" in source;
const isEntries = (source: object): source is readonly FileSystemEntry[] =>
  Array.isArray(source) &&
  source.length > 0 &&
  source.every((entry) => typeof entry === "object" && "fullPath" in entry);
const isFiles = (source: object): source is ArrayLike<File> =>
  typeof source === "object" &&
  source !== null &&
  "length" in source &&
  Array.from(source as ArrayLike<unknown>).every((file) => file instanceof Blob);

/** The folder, or the file in it to open. */
async function within(folder: Folder, file: string | undefined): Promise<Folder | Source> {
  if (file === undefined) return folder;
  const found = await folder.find(file);
  if (found) return found;
  const names = (await folder.names()).slice(0, 8).join(", ");
  throw new InklingError("NOT_FOUND", `${folder.path} has no file ${file}; it has ${names || "nothing"}`);
}

/** Fetches a URL into memory. */
async function fetched(url: URL, { signal, onProgress, maxBytes = MAX_UNPACKED }: SourceOptions): Promise<Located> {
  const asked = splitNames.find((name): name is SplitName => url.hash === `#${name}`);
  const address = url.hash === "" ? url.href : url.href.slice(0, -url.hash.length);
  const failed = (reason: string, cause?: unknown) =>
    new InklingError("NETWORK", `${address} cannot be fetched: ${reason}`, { cause });
  const tooMuch = () => failed(`it has more than ${maxBytes} bytes; set maxBytes to allow more`);
  let response: Response | undefined;
  try {
    response = await fetch(address, { ...(signal && { signal }) });
    if (!response.ok) throw failed(`the server responded with ${response.status}`);
    const length = response.headers.get("content-encoding") ? null : response.headers.get("content-length");
    const totalBytes = length === null ? {} : { totalBytes: Number(length) };
    if (Number(length) > maxBytes) throw tooMuch();
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    let bytes = 0;
    for await (const piece of response.body ? piecesOf(response.body) : []) {
      if ((bytes += piece.length) > maxBytes) throw tooMuch();
      pieces.push(piece as Uint8Array<ArrayBuffer>);
      onProgress?.({ images: 0, bytes, ...totalBytes });
    }
    const place = new BlobFile(new Blob(pieces), address);
    return { place, ...(asked && { part: { part: asked } }) };
  } catch (cause) {
    throwIfAborted(signal, address);
    if (cause instanceof InklingError) throw cause;
    throw failed(`${(cause as Error).message}; the server must permit access from this page (CORS)`, cause);
  } finally {
    // Otherwise the server would keep sending. A body that is being read is canceled by its reader.
    if (response?.body?.locked === false) await response.body.cancel().catch(() => {});
  }
}
