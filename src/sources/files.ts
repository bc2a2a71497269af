import { InklingError, throwIfAborted } from "../base/error.ts";
import { hiddenPart, isHidden } from "../formats/imageFiles.ts";
import type { Folder, Source, SyncRead } from "../formats/platform.ts";

/** The least number of bytes per read, so that adjacent small files take few calls. */
const WINDOW = 2 ** 20;

/** Reads ahead in a file, and caches the last part read. */
export class ReadAhead {
  readonly #size: number;
  readonly #load: (at: number, length: number) => Promise<Uint8Array>;
  #at = 0;
  #bytes: Uint8Array = new Uint8Array();

  constructor(size: number, load: (at: number, length: number) => Promise<Uint8Array>) {
    this.#size = size;
    this.#load = load;
  }

  async read(at: number, length: number): Promise<Uint8Array> {
    if (at < this.#at || at + length > this.#at + this.#bytes.length) {
      this.#bytes = await this.#load(at, Math.min(this.#size - at, Math.max(length, WINDOW)));
      this.#at = at;
    }
    return this.#bytes.subarray(at - this.#at, at - this.#at + length);
  }
}

/** The chunks of a stream, for engines whose streams are not async iterable. */
export async function* piecesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** Reads synchronously, which browsers support only in workers. */
type SyncReader = new () => { readAsArrayBuffer(blob: Blob): ArrayBuffer };
const { FileReaderSync } = globalThis as { readonly FileReaderSync?: SyncReader };

/** A Blob or File. */
export class BlobFile implements Source {
  readonly kind = "file";
  readonly path: string;
  readonly name: string;
  readonly size: number;
  readonly folder: Folder | undefined;
  readonly #blob: Blob;
  readonly #ahead: ReadAhead;
  readonly readSync: Source["readSync"];

  constructor(blob: Blob, path: string, folder?: Folder) {
    this.path = path;
    this.name = path.slice(path.lastIndexOf("/") + 1);
    this.size = blob.size;
    this.folder = folder;
    this.#blob = blob;
    this.#ahead = new ReadAhead(blob.size, async (at, length) => new Uint8Array(await this.#load(at, length)));
    this.readSync = FileReaderSync && ((parts) => this.#fill(parts, new FileReaderSync()));
  }

  read(at: number, length: number): Promise<Uint8Array> {
    return this.#ahead.read(at, length);
  }

  async *pieces(signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of piecesOf(this.#blob.stream())) {
        throwIfAborted(signal, this.path);
        yield piece;
      }
    } catch (cause) {
      throw unreadable(this.path, cause);
    }
  }

  async bytes(signal?: AbortSignal): Promise<Uint8Array> {
    throwIfAborted(signal, this.path);
    return new Uint8Array(await this.#load(0, this.size));
  }

  #load(at: number, length: number): Promise<ArrayBuffer> {
    return this.#blob
      .slice(at, at + length)
      .arrayBuffer()
      .catch((cause: unknown) => {
        throw unreadable(this.path, cause);
      });
  }

  #fill(parts: readonly SyncRead[], reader: InstanceType<SyncReader>): void {
    try {
      for (const { at, target } of parts)
        target.set(new Uint8Array(reader.readAsArrayBuffer(this.#blob.slice(at, at + target.length))));
    } catch (cause) {
      throw unreadable(this.path, cause);
    }
  }
}

/** Browsers refuse to read a file that has changed since the user selected it, or for which permission was withdrawn. */
const unreadable = (path: string, cause: unknown): unknown =>
  cause instanceof InklingError
    ? cause
    : new InklingError("FILE_SYSTEM", `${path} cannot be read: ${(cause as Error).message}`, { cause });

/** The components of a relative name, without empty ones and ".". */
const partsOf = (name: string): readonly string[] => name.split("/").filter((part) => part !== "" && part !== ".");

/** Files by their names relative to the folder that holds them. */
export class FilesFolder implements Folder {
  readonly kind = "folder";
  readonly path: string;
  readonly name: string;
  readonly #files: ReadonlyMap<string, Blob>;

  constructor(path: string, files: Iterable<readonly [name: string, file: Blob]>) {
    this.path = this.name = path;
    this.#files = new Map(Array.from(files, ([name, file]) => [partsOf(name).join("/"), file]));
  }

  /** Files that were dropped or selected together, by their paths. Those of a selected folder start with its name. */
  static of(files: Iterable<readonly [path: string, file: Blob]>): FilesFolder {
    const all = Array.from(files, ([path, file]) => ({ parts: partsOf(path), file }));
    const [top] = all[0]?.parts ?? [];
    const isFolder = all.every(({ parts }) => parts.length > 1 && parts[0] === top);
    return new FilesFolder(
      isFolder ? (top ?? "files") : "files",
      all.map(({ parts, file }) => [(isFolder ? parts.slice(1) : parts).join("/"), file] as const),
    );
  }

  async names(): Promise<readonly string[]> {
    return [...new Set([...this.#files.keys()].map((name) => name.split("/")[0]!))];
  }

  async find(name: string): Promise<Source | undefined> {
    const file = this.#files.get(name);
    return file && new BlobFile(file, name, this);
  }

  async *walk(): AsyncGenerator<string> {
    yield* new Set([...this.#files.keys()].map((name) => hiddenPart(name) ?? name));
  }

  async entry(name: string): Promise<Source> {
    const file = this.#files.get(partsOf(name).join("/"));
    if (!file) throw new Error("no such file was given");
    return new BlobFile(file, name);
  }
}

/** What a drop has, such as a `DataTransfer`: files and folders, which are there only while its event is handled. */
export interface Dropped {
  readonly items: ArrayLike<{
    readonly kind: string;
    /** The file or folder that an item is, if it is one. */
    webkitGetAsEntry(): FileSystemEntry | null;
  }>;
}

/** The files and folders of a drop. */
export const entriesOf = ({ items }: Dropped): readonly FileSystemEntry[] =>
  Array.from(items).flatMap((item) => (item.kind === "file" ? (item.webkitGetAsEntry() ?? []) : []));

/** Entries that are asked for at the same time: each takes a message to another process and back. */
const ENTRIES_AT_ONCE = 64;

/** All files of entries and the folders among them, by their paths. Throws `FILE_SYSTEM` if the browser refuses to read one. */
export async function filesOf(entries: readonly FileSystemEntry[]): Promise<ReadonlyMap<string, File>> {
  const files = new Map<string, File>();
  const waiting = [...entries];
  const take = async (entry: FileSystemEntry): Promise<void> => {
    const path = entry.fullPath.replace(/^\//, "");
    if (isHidden(entry.name)) return;
    try {
      if (entry.isDirectory) waiting.push(...(await entriesIn(entry as FileSystemDirectoryEntry)));
      else files.set(path, await fileOf(entry as FileSystemFileEntry));
    } catch (cause) {
      throw unreadable(path, cause);
    }
  };
  while (waiting.length > 0) await Promise.all(waiting.splice(-ENTRIES_AT_ONCE).map(take));
  return files;
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));

/** The entries of a folder, which a reader hands out in parts, about a hundred at a time. */
async function entriesIn(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return all;
    all.push(...part);
  }
}

/** A file of the File System API, such as a `FileSystemFileHandle`. */
export interface FileHandle {
  readonly kind: "file";
  readonly name: string;
  /** The current file. */
  getFile(): Promise<File>;
}

/** The file of a handle. Throws `FILE_SYSTEM`, e.g. if the user has withdrawn permission to read it. */
export async function fileBehind(handle: FileHandle, folder?: Folder): Promise<Source> {
  try {
    return new BlobFile(await handle.getFile(), handle.name, folder);
  } catch (cause) {
    throw unreadable(handle.name, cause);
  }
}

/** A folder of the File System API, such as a `FileSystemDirectoryHandle`. */
export interface DirectoryHandle {
  readonly kind: "directory";
  readonly name: string;
  /** Its direct entries, by name. */
  entries(): AsyncIterable<[string, FileHandle | DirectoryHandle]>;
  /** A folder directly in it. Rejects if there is no folder of this name. */
  getDirectoryHandle(name: string): Promise<DirectoryHandle>;
  /** A file directly in it. Rejects if there is no file of this name. */
  getFileHandle(name: string): Promise<FileHandle>;
}

/** A folder that the user has permitted the page to read. */
export class HandleFolder implements Folder {
  readonly kind = "folder";
  readonly path: string;
  readonly name: string;
  readonly #handle: DirectoryHandle;
  /** Subfolders, by relative name. */
  readonly #folders = new Map<string, Promise<DirectoryHandle>>();

  constructor(handle: DirectoryHandle) {
    this.path = this.name = handle.name;
    this.#handle = handle;
  }

  async names(): Promise<readonly string[]> {
    const names: string[] = [];
    try {
      for await (const [name] of this.#handle.entries()) names.push(name);
    } catch (cause) {
      throw unreadable(this.path, cause);
    }
    return names;
  }

  async find(name: string): Promise<Source | undefined> {
    const handle = await this.#handle.getFileHandle(name).catch(() => undefined);
    return handle && fileBehind(handle, this);
  }

  async *walk(handle = this.#handle, below = ""): AsyncGenerator<string> {
    let empty = below !== "";
    for await (const [own, item] of handle.entries()) {
      empty = false;
      if (item.kind === "directory" && !isHidden(own)) yield* this.walk(item, `${below}${own}/`);
      else yield below + own;
    }
    if (empty) yield below;
  }

  async entry(name: string): Promise<Source> {
    const parts = partsOf(name);
    const folder = await this.#below(parts.slice(0, -1));
    const handle = await folder.getFileHandle(parts.at(-1)!);
    return new BlobFile(await handle.getFile(), name);
  }

  #below(parts: readonly string[]): Promise<DirectoryHandle> {
    if (parts.length === 0) return Promise.resolve(this.#handle);
    const name = parts.join("/");
    let found = this.#folders.get(name);
    if (!found) {
      found = this.#below(parts.slice(0, -1)).then((folder) => folder.getDirectoryHandle(parts.at(-1)!));
      this.#folders.set(name, found);
    }
    return found;
  }
}
