import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { concatBytes } from "../bytes.ts";
import { InklingError } from "../error.ts";
import { makeFolders } from "./ownFolder.ts";

/** Bytes or text, or bytes in pieces. */
export type Contents = Uint8Array | string | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Writes a file atomically: to a temporary file in the same folder, which is synced and then renamed. A crash or a full
 * disk leaves either the old file or the new one, never a partial one. Throws `FILE_SYSTEM`.
 */
export const writeFileAtomic = (path: string, contents: Contents): Promise<void> =>
  writeFilesAtomic(dirname(path), [{ name: basename(path), contents }]);

/** Files of a folder that are written concurrently. */
const FILES_AT_ONCE = 16;

/**
 * Writes files, and folders of files, into a folder as {@link writeFileAtomic} does: all under temporary names, then
 * renamed. Names are relative to the folder and separated by "/"; a name that ends in "/" is an empty folder. A file
 * replaces an existing file; a folder may only replace an empty folder. Throws `FILE_SYSTEM`, and any error thrown while
 * iterating over the contents; temporary files are then removed.
 */
export async function writeFilesAtomic(
  folder: string,
  files: Iterable<{ readonly name: string; readonly contents: Contents }>,
): Promise<void> {
  const id = randomUUID();
  const beside = (name: string) => join(folder, `${name}.${id}.tmp`);
  // The files and folders to rename.
  const tops = new Map<string, "file" | "folder">();
  const moved: string[] = [];
  let writing: Promise<void>[] = [];
  let current = folder;
  try {
    for (const { name, contents } of files) {
      const [top = "", ...below] = name.split("/");
      current = join(folder, top);
      if (below.length === 0) {
        tops.set(top, "file");
        await writeSynced(beside(top), contents);
        continue;
      }
      if (!tops.has(top)) await mkdir(beside(top));
      tops.set(top, "folder");
      const path = join(beside(top), ...below);
      if (name.endsWith("/")) await makeFolders(path);
      else {
        const written = writeFile(path, contents as Iterable<Uint8Array>);
        written.catch(() => {}); // reported by Promise.all
        writing.push(written);
      }
      if (writing.length < FILES_AT_ONCE) continue;
      await Promise.all(writing);
      writing = [];
    }
    await Promise.all(writing);
    for (const [top, kind] of tops) {
      current = join(folder, top);
      if (kind === "folder") await rmdir(current).catch(() => {}); // anything but an empty folder makes the rename fail
      await rename(beside(top), current);
      if (kind === "folder") moved.push(current);
    }
  } catch (cause) {
    await Promise.allSettled(writing);
    for (const path of [...moved, ...[...tops.keys()].map(beside)]) await rm(path, { recursive: true, force: true });
    throw unwritable(current, cause);
  }
}

async function writeSynced(path: string, contents: Contents): Promise<void> {
  const file = await open(path, "wx");
  try {
    if (typeof contents === "string" || contents instanceof Uint8Array) await file.writeFile(contents);
    else for await (const piece of gathered(contents)) await file.writeFile(piece);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Throws `FILE_SYSTEM` if a file cannot be written. Call it before work whose result would otherwise be lost. */
export async function checkWritable(path: string): Promise<void> {
  const beside = `${path}.${randomUUID()}.tmp`;
  try {
    await (await open(beside, "wx")).close();
  } catch (cause) {
    throw unwritable(path, cause);
  } finally {
    await rm(beside, { force: true }).catch(() => {});
  }
}

/** The error that says why a file cannot be written, and what to do. */
function unwritable(path: string, cause: unknown): unknown {
  if (cause instanceof InklingError) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  const folder = dirname(path);
  const reasons: Record<string, string> = {
    ENOENT: `the folder ${folder} does not exist or cannot be written to; create it, or choose another place`,
    ENOTDIR: `${folder} is not a folder; choose another place`,
    EISDIR: "it is a folder; specify a file",
    EACCES: `there is no permission to write to ${folder}; choose another place`,
    EPERM: `there is no permission to write to ${folder}; choose another place`,
    EROFS: `there is no permission to write to ${folder}; choose another place`,
    ENOSPC: "the disk is full",
  };
  return new InklingError("FILE_SYSTEM", `${path} cannot be written: ${reasons[code ?? ""] ?? message}`, { cause });
}

/** The least number of bytes per write. */
const AT_ONCE = 2 ** 18;

/** Joins small pieces, so that not each of them takes a system call. */
async function* gathered(pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    waiting.push(piece);
    length += piece.length;
    if (length < AT_ONCE) continue;
    yield waiting.length === 1 ? piece : concatBytes(waiting);
    [waiting, length] = [[], 0];
  }
  yield concatBytes(waiting);
}
