import { closeSync, createReadStream, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { type FileHandle, lstat, open, readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { InklingError } from "../../base/error.ts";
import { notAFile } from "../../base/node/readFile.ts";
import { fileSystemError } from "../../base/node/systemError.ts";
import { escapedName, isUndecoded, nameBytes, nameOf } from "../../formats/encodings.ts";
import { isHidden, NOT_A_FILE } from "../../formats/imageFiles.ts";
import type { Folder, Source, SyncRead } from "../../formats/platform.ts";
import { ReadAhead } from "../files.ts";

/** The most bytes per read call. */
const MAX_READ = 2 ** 30;
/** Bytes per streamed piece: a few hundred small files. */
const PIECE = 2 ** 18;
/** The limit of Node's readFile, in bytes. */
const MAX_READ_FILE = 2 ** 31 - 1;

/** The file or folder at a path. Throws the file system's own error, and `FILE_SYSTEM` for a device, pipe or socket. */
export async function placeAt(path: string): Promise<NodeFile | NodeFolder> {
  const status = await stat(onDisk(path));
  if (!status.isDirectory() && !status.isFile()) throw notAFile(escapedName(path));
  return status.isDirectory() ? new NodeFolder(path) : new NodeFile(path, status);
}

/** A file in the file system. */
export class NodeFile implements Source {
  readonly kind = "file";
  readonly path: string;
  readonly name: string;
  readonly size: number;
  readonly #mark: string;
  readonly #ahead: ReadAhead;

  constructor(path: string, status: Stats) {
    this.path = path;
    this.name = basename(path);
    this.size = status.size;
    this.#mark = markOf(status);
    this.#ahead = new ReadAhead(status.size, (at, length) => this.#load(at, length));
  }

  get folder(): Folder {
    return new NodeFolder(dirname(this.path));
  }

  /** Opens and closes the file in each call that reads; files that are next to one another are read ahead. */
  read(at: number, length: number): Promise<Uint8Array> {
    return this.#ahead.read(at, length);
  }

  async #load(at: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    let file: FileHandle | undefined;
    try {
      file = await open(onDisk(this.path));
      if (markOf(await file.stat()) !== this.#mark) throw hasChanged(this.path);
      for (let filled = 0; filled < length; ) {
        const { bytesRead } = await file.read(bytes, filled, Math.min(length - filled, MAX_READ), at + filled);
        if (bytesRead === 0) throw becameShorter(this.path);
        filled += bytesRead;
      }
      return bytes;
    } catch (cause) {
      throw unreadable(this.path, cause);
    } finally {
      await file?.close();
    }
  }

  async *pieces(signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      yield* createReadStream(onDisk(this.path), { highWaterMark: PIECE, ...(signal && { signal }) });
    } catch (cause) {
      throw unreadable(this.path, cause, signal);
    }
  }

  async bytes(signal?: AbortSignal): Promise<Uint8Array> {
    try {
      if (this.size < MAX_READ_FILE) return await readFile(onDisk(this.path), { ...(signal && { signal }) });
      return await this.#load(0, this.size);
    } catch (cause) {
      throw unreadable(this.path, cause, signal);
    }
  }

  /** Opens and closes the file in each call. */
  readonly readSync = (parts: readonly SyncRead[]): void => {
    let file: number | undefined;
    try {
      file = openSync(onDisk(this.path), "r");
      if (markOf(fstatSync(file)) !== this.#mark) throw hasChanged(this.path);
      for (const { at, target } of parts)
        for (let filled = 0; filled < target.length; ) {
          const read = readSync(file, target, filled, target.length - filled, at + filled);
          if (read === 0) throw becameShorter(this.path);
          filled += read;
        }
    } catch (cause) {
      throw unreadable(this.path, cause);
    } finally {
      if (file !== undefined) closeSync(file);
    }
  };
}

/** A path as the file system takes it: the bytes of a name that is not UTF-8 (see {@link nameOf}). */
const onDisk = (path: string): string | Buffer => (isUndecoded(path) ? Buffer.from(nameBytes(path)) : path);

const realName = async (path: string): Promise<string> => nameOf(await realpath(onDisk(path), "buffer"));

/** Identifies a file and its version. */
const markOf = ({ dev, ino, size, mtimeMs }: Stats): string => `${dev} ${ino} ${size} ${mtimeMs}`;

const hasChanged = (path: string): InklingError =>
  new InklingError("INVALID_DATA", `${escapedName(path)} has changed since it was opened; open it again`);

const becameShorter = (path: string): InklingError =>
  new InklingError("INVALID_DATA", `${escapedName(path)} became shorter while it was read`);

function unreadable(path: string, cause: unknown, signal?: AbortSignal): unknown {
  if (cause instanceof InklingError) return cause;
  const shown = escapedName(path);
  if (signal?.aborted) return new InklingError("ABORTED", `reading ${shown} was stopped`, { cause });
  return fileSystemError(shown, "read", cause);
}

/** A folder in the file system. */
export class NodeFolder implements Folder {
  readonly kind = "folder";
  readonly path: string;
  readonly name: string;
  /** Whether a subfolder is actually inside this folder, rather than elsewhere through a link. */
  readonly #isInside = new Map<string, Promise<boolean>>();

  constructor(path: string) {
    this.path = path;
    this.name = basename(path);
  }

  async names(): Promise<readonly string[]> {
    const names = await readdir(onDisk(this.path), { encoding: "buffer" }).catch((cause: unknown) => {
      throw unreadable(this.path, cause);
    });
    return names.map(nameOf);
  }

  async find(name: string): Promise<Source | undefined> {
    const path = join(this.path, name);
    const status = await stat(onDisk(path)).catch(() => undefined);
    return status && new NodeFile(path, status);
  }

  async *walk(below = ""): AsyncGenerator<string> {
    const path = join(this.path, below);
    const items = await readdir(onDisk(path), { withFileTypes: true, encoding: "buffer" }).catch((cause: unknown) => {
      throw unreadable(path, cause);
    });
    if (items.length === 0 && below !== "") yield `${below}/`;
    for (const item of items) {
      const own = nameOf(item.name);
      const name = below === "" ? own : `${below}/${own}`;
      if (item.isDirectory() && !isHidden(own)) yield* this.walk(name);
      else yield name;
    }
  }

  /** Throws the file system's own error. */
  async entry(name: string): Promise<Source | string> {
    const path = join(this.path, name);
    const status = await lstat(onDisk(path));
    if (!status.isFile()) return NOT_A_FILE;
    return (await this.#holds(dirname(path))) ? new NodeFile(path, status) : "it is outside the folder, by a link";
  }

  #holds(folder: string): Promise<boolean> {
    let inside = this.#isInside.get(folder);
    if (!inside) {
      inside = Promise.all([realName(this.path), realName(folder)]).then(
        ([root, real]) => real === root || isWithin(root, real),
      );
      this.#isInside.set(folder, inside);
    }
    return inside;
  }
}

/** Whether a path is inside a folder, which may be the file system root. Links must already be resolved in both. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
