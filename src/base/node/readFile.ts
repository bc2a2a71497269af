import { open, readFile } from "node:fs/promises";
import { InklingError } from "../error.ts";
import { parseJsonObject } from "../json.ts";

/** Reads a whole file. Throws `NOT_FOUND`, with `advice` on what to do, or `FILE_SYSTEM`. */
export async function read(path: string, advice: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR")
      throw new InklingError("NOT_FOUND", `${path} does not exist; ${advice}`, { cause });
    throw new InklingError("FILE_SYSTEM", `${path} cannot be read: ${message}`, { cause });
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

/** A `FILE_SYSTEM` error: `what` failed, and the file system's reason. */
export const fileSystemError = (what: string, cause: unknown): InklingError =>
  new InklingError("FILE_SYSTEM", `${what}: ${(cause as Error).message}`, { cause });
