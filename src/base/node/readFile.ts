import { createReadStream } from "node:fs";
import { open, readFile, stat } from "node:fs/promises";
import { InklingError } from "../error.ts";
import { parseJsonObject } from "../json.ts";
import { fileSystemError } from "./systemError.ts";

/** The most bytes that are read from a pipe, which may have no end. */
const MOST_FROM_PIPE = 2 ** 28;

/**
 * The contents of a file, or of a pipe if `pipe` allows one, up to 256 MiB. Anything else, such as a device, may have no
 * end or never answer, and is refused with `FILE_SYSTEM` before it is opened. Throws the file system's own errors.
 */
export async function contentsOf(path: string, { pipe = false } = {}): Promise<Uint8Array> {
  const status = await stat(path);
  if (status.isFIFO() && pipe) return readBounded(createReadStream(path), path);
  if (!status.isFile() && !status.isDirectory()) throw notAFile(path);
  return readFile(path);
}

/** The error for a device, a socket or a pipe in place of a file. */
export const notAFile = (path: string): InklingError =>
  new InklingError(
    "FILE_SYSTEM",
    `${path} cannot be read: it is a device, a pipe or a socket, expected a file; copy what it gives to a file`,
  );

/** All bytes of a stream. Throws `FILE_SYSTEM` if there are more than 256 MiB. */
export async function readBounded(stream: AsyncIterable<unknown>, what: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of stream as AsyncIterable<Uint8Array>) {
    pieces.push(piece);
    length += piece.length;
    if (length > MOST_FROM_PIPE)
      throw new InklingError(
        "FILE_SYSTEM",
        `${what} cannot be read: more than ${MOST_FROM_PIPE} bytes came from a pipe; put them in a file`,
      );
  }
  return Buffer.concat(pieces);
}

/** Reads a whole file. Throws `NOT_FOUND`, with `advice` on what to do, `INVALID_DATA` for a folder, or `FILE_SYSTEM`. */
export async function read(path: string, advice: string): Promise<Uint8Array> {
  try {
    return await contentsOf(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR")
      throw new InklingError("NOT_FOUND", `${path} does not exist; ${advice}`, { cause });
    if (code === "EISDIR")
      throw new InklingError("INVALID_DATA", `${path} is a folder, expected a file; remove it, or move it away`, {
        cause,
      });
    throw fileSystemError(path, "read", cause);
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
