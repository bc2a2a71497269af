import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { concat } from "../concat.ts";
import { InklingError } from "../error.ts";

/**
 * Writes a file beside its place, syncs it and renames it, so that a crash or a full disk leaves the old file
 * or the new one, never half of one. Contents may come piece by piece. Throws `FILE_SYSTEM`.
 */
export async function writeFileAtomic(
  path: string,
  contents: Uint8Array | string | Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const beside = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(beside, "wx");
    try {
      if (typeof contents === "string" || contents instanceof Uint8Array) await file.writeFile(contents);
      else for await (const piece of gathered(contents)) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true });
    throw unwritable(path, cause);
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
    ENOENT: `there is no folder ${folder}, or nothing can be made in it; make it, or name another place`,
    ENOTDIR: `${folder} is no folder; name another place`,
    EISDIR: "it is a folder; name a file",
    EACCES: `nothing may be written in ${folder}; name another place`,
    EPERM: `nothing may be written in ${folder}; name another place`,
    EROFS: `nothing may be written in ${folder}; name another place`,
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
    yield waiting.length === 1 ? piece : concat(waiting);
    [waiting, length] = [[], 0];
  }
  yield concat(waiting);
}
