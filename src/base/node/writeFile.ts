import { mkdir, open, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { concatBytes } from "../bytes.ts";
import { Exchange, removeRemains, temporaryBeside } from "./exchange.ts";
import { type LockSubject, takeLock } from "./lock.ts";
import { makeFolders } from "./ownFolder.ts";
import { fileSystemError } from "./systemError.ts";

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
 * Writes files, and folders of files, into a folder as {@link writeFileAtomic} does: all under temporary names, then put in
 * their places together, so that nobody finds some of them beside older ones. Names are relative to the folder and
 * separated by "/"; a name that ends in "/" is an empty folder. A file replaces an existing file; a folder may only replace
 * an empty folder. `head` is the name of the file without which the others are not read (the first). What a killed process
 * left under these names is removed. Throws `FILE_SYSTEM`, also if another process puts such files in their places at the
 * same moment, and any error thrown while iterating over the contents; nothing is then changed.
 */
export async function writeFilesAtomic(
  folder: string,
  files: Iterable<{ readonly name: string; readonly contents: Contents }>,
  head?: string,
): Promise<void> {
  const exchange = await Exchange.begin(folder);
  // The files and folders to put in place.
  const tops = new Map<string, "file" | "folder">();
  let writing: Promise<void>[] = [];
  let current = folder;
  try {
    for (const { name, contents } of files) {
      const [top = "", ...below] = name.split("/");
      current = join(folder, top);
      if (below.length === 0) {
        tops.set(top, "file");
        await writeSynced(exchange.beside(top), contents);
        continue;
      }
      if (!tops.has(top)) await mkdir(exchange.beside(top));
      tops.set(top, "folder");
      const path = join(exchange.beside(top), ...below);
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
    const first = head ?? [...tops.keys()][0]!;
    // Two processes at once would each put some of their own files in place.
    const lock =
      tops.size > 1 ? await takeLock(join(folder, `.${first}.lock`), subjectOf(join(folder, first))) : undefined;
    try {
      await removeRemains(folder, new Set(tops.keys()));
      await exchange.put(tops, first);
    } finally {
      await lock?.release();
    }
  } catch (cause) {
    await Promise.allSettled(writing);
    await exchange.discard(tops.keys());
    const { code, place = current } = cause as NodeJS.ErrnoException & { readonly place?: string };
    throw code === undefined ? cause : fileSystemError(place, "written", cause);
  }
}

const subjectOf = (path: string): LockSubject => ({ doing: `writing ${path}`, otherwise: "use another name" });

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

/**
 * Throws `FILE_SYSTEM` if a file cannot be written. Call it before work whose result would otherwise be lost. What a killed
 * process left under its name is removed.
 */
export async function checkWritable(path: string): Promise<void> {
  await removeRemains(dirname(path), new Set([basename(path)]));
  const beside = await temporaryBeside(path);
  try {
    if ((await stat(path).catch(() => undefined))?.isDirectory())
      throw Object.assign(new Error("it is a folder"), { code: "EISDIR" });
    await (await open(beside, "wx")).close();
  } catch (cause) {
    throw fileSystemError(path, "written", cause);
  } finally {
    await rm(beside, { force: true }).catch(() => {});
  }
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
