import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { InklingError } from "../../tensor/error.ts";
import { concat } from "../formats/concat.ts";

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
    if (cause instanceof InklingError) throw cause;
    throw new InklingError("FILE_SYSTEM", `${path} cannot be written: ${(cause as Error).message}`, { cause });
  }
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
