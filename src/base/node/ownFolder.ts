import { lstat, mkdir, realpath, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { InklingError } from "../error.ts";
import { fileSystemError } from "./systemError.ts";

/**
 * Creates a folder and those above it that are missing, with the permissions `mode`. Node's own recursive `mkdir` never
 * returns where a file system, such as /proc, reports a missing parent that exists. Throws `FILE_SYSTEM`.
 */
export async function makeFolders(path: string, mode = 0o777): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return;
  if (found)
    throw new InklingError("FILE_SYSTEM", `${path} cannot be created as a folder: a file has its name; choose another`);
  if (dirname(path) !== path) await makeFolders(dirname(path), mode);
  await mkdir(path, { mode }).catch(async (cause: NodeJS.ErrnoException) => {
    // Another process may have created it.
    if (cause.code !== "EEXIST" || !(await stat(path).catch(() => undefined))?.isDirectory())
      throw fileSystemError(path, "created", cause);
  });
}

/**
 * Opens or creates a folder whose contents no other user can have written or exchanged, and returns its real path. Each
 * folder on that path belongs to this user or to root; others may write to it only where its sticky bit keeps them from
 * replacing what is in it, or where a folder above it lets nobody else in. Throws `FILE_SYSTEM`, naming the folder that
 * others may change. Windows has no such modes, so nothing is checked there.
 */
export async function ownFolder(path: string): Promise<string> {
  try {
    // Before anything is created through links of others.
    await checkOwn(await realpath(await existing(dirname(resolve(path)))));
    await makeFolders(resolve(path), 0o700);
    const real = await realpath(path);
    await checkOwn(real, real);
    return real;
  } catch (cause) {
    throw new InklingError("FILE_SYSTEM", `the cache ${path} cannot be used: ${(cause as Error).message}`, { cause });
  }
}

/** The deepest folder on a path that exists. */
async function existing(path: string): Promise<string> {
  const found = await lstat(path).catch(() => undefined);
  return found || dirname(path) === path ? path : existing(dirname(path));
}

const STICKY = 0o1000;
const WRITABLE_BY_OTHERS = 0o022;
const OPEN_TO_OTHERS = 0o011;

/** Others may not add files to the folder `closed` either, which they may to a folder with a sticky bit. */
async function checkOwn(real: string, closed?: string): Promise<void> {
  const me = process.getuid?.();
  if (me === undefined) return;
  let isOpen = true;
  // From the root on: once a folder is known to be safe, nobody can replace what is in it while that is checked.
  for (const folder of foldersOf(real)) {
    const { uid, mode } = await lstat(folder);
    if (uid !== me && uid !== 0)
      throw new Error(`${folder} belongs to another user; set INKLING_CACHE to a folder in one of your own`);
    const isProtected = (mode & STICKY) !== 0 && folder !== closed;
    if (isOpen && (mode & WRITABLE_BY_OTHERS) !== 0 && !isProtected)
      throw new Error(
        `other users may write to ${folder}; run chmod go-w on it, or set INKLING_CACHE to a folder of your own`,
      );
    isOpen &&= (mode & OPEN_TO_OTHERS) !== 0;
  }
}

/** A folder and those above it, the root first. */
const foldersOf = (path: string): readonly string[] =>
  dirname(path) === path ? [path] : [...foldersOf(dirname(path)), path];
