import { open, readFile } from "node:fs/promises";
import { InklingError } from "../error.ts";
import { parseJsonObject } from "../json.ts";

/** Reads a whole file. Throws `NOT_FOUND`, with `advice` on what to do, or `FILE_SYSTEM`. */
export async function read(path: string, advice: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR")
      throw new InklingError("NOT_FOUND", `${path} does not exist; ${advice}`, { cause });
    throw fileSystemError(`${path} cannot be read`, cause);
  }
}

/** Reads a JSON object from a file. Throws as {@link read} does, and `INVALID_DATA` if the file is not a JSON object. */
export async function readJson(path: string, advice: string): Promise<Readonly<Record<string, unknown>>> {
  const json = parseJsonObject(new TextDecoder().decode(await read(path, advice)));
  if (json) return json;
  throw new InklingError("INVALID_DATA", `${path} is not a JSON object; it is damaged: restore a copy, or train again`);
}

/** Syncs a folder, so that renames in it survive a power failure. Does nothing where folders cannot be synced. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path).catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

/** What codes of the file system mean. */
const meanings: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist, or its folder cannot hold it",
  ENOTDIR: "a file is where a folder should be",
  EISDIR: "it is a folder",
  EACCES: "there is no permission",
  EPERM: "there is no permission",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EMFILE: "too many files are open",
  ELOOP: "its links form a loop",
};

/** A `FILE_SYSTEM` error: `what` failed, and the file system's reason in words. */
export function fileSystemError(what: string, cause: unknown): InklingError {
  const { code = "", message } = cause as NodeJS.ErrnoException;
  // Other errors have a text of their own.
  const reason = message.startsWith(`${code}:`) ? (meanings[code] ?? message) : message;
  return new InklingError("FILE_SYSTEM", `${what}: ${reason}`, { cause });
}
