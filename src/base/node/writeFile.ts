import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { concatBytes } from "../bytes.ts";
import { InklingError } from "../error.ts";

/** Bytes or text, whole or piece by piece. */
export type Contents = Uint8Array | string | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Writes a file beside its place, syncs it and renames it, so that a crash or a full disk leaves the old file
 * or the new one, never half of one. Contents may come piece by piece. Throws `FILE_SYSTEM`.
 */
export const writeFileAtomic = (path: string, contents: Contents): Promise<void> =>
  writeFilesAtomic(dirname(path), [{ name: basename(path), contents }]);

/** Files of a folder that are written at the same time. */
const FILES_AT_ONCE = 16;

/**
 * Writes files and folders of files into a folder as {@link writeFileAtomic} does: all beside their places, then renamed.
 * Names are relative to the folder, joined by "/"; one that ends in "/" is an empty folder. A file in the place of a
 * file replaces it; a folder's place must be free, or an empty folder. Throws `FILE_SYSTEM`, and what the files throw
 * while they come; nothing is left then.
 */
export async function writeFilesAtomic(
  folder: string,
  files: Iterable<{ readonly name: string; readonly contents: Contents }>,
): Promise<void> {
  const id = randomUUID();
  const beside = (name: string) => join(folder, `${name}.${id}.tmp`);
  /** The files and folders to be renamed. */
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
      if (name.endsWith("/")) await mkdir(path, { recursive: true });
      else {
        const written = writeFile(path, contents as Iterable<Uint8Array>);
        written.catch(() => {}); // reported when all are waited for
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

/** Throws `FILE_SYSTEM` where a file cannot be written: to be asked before work whose result would be lost. */
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

/** Why a file cannot be written, and what to do. */
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

/** Bytes that are written at once. */
const AT_ONCE = 2 ** 18;

/** Small pieces joined, so that each takes no call of its own. */
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
