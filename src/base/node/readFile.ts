import { open, readFile } from "node:fs/promises";
import { InklingError } from "../error.ts";

/** A whole file. Throws `NOT_FOUND` with the advice given, and `FILE_SYSTEM`. */
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

/** The object in a JSON file. Throws as `read` does, and `INVALID_DATA` where there is no such object. */
export async function readJson(path: string, advice: string): Promise<Readonly<Record<string, unknown>>> {
  const text = new TextDecoder().decode(await read(path, advice));
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  } catch {
    // as for JSON that is no object
  }
  throw new InklingError("INVALID_DATA", `${path} is not a JSON object; it is damaged: restore a copy, or train again`);
}

/** Makes renames within a folder last through a loss of power, where the system lets folders be synced. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path).catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

/** Says in one line what a failing file system says. */
export const fileSystemError = (what: string, cause: unknown): InklingError =>
  new InklingError("FILE_SYSTEM", `${what}: ${(cause as Error).message}`, { cause });
