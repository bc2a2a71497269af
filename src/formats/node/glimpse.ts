import { open, readdir, stat } from "node:fs/promises";
import { constants, createGunzip } from "node:zlib";
import type { Glimpse } from "./format.ts";

const HEAD = 512;
/** Compressed, the first 512 bytes of anything take less. */
const READ = 4096;

/** Whether bytes begin as a gzipped file does. */
export const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b;

/** What a source is recognised by. Throws what the file system throws. */
export async function glimpse(path: string): Promise<Glimpse> {
  const none = new Uint8Array();
  if ((await stat(path)).isDirectory()) return { path, head: none, inner: none, names: await readdir(path) };
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(READ), 0, READ, 0);
    const start = buffer.subarray(0, bytesRead);
    return { path, head: start.subarray(0, HEAD), inner: isGzip(start) ? await firstInner(start) : none };
  } finally {
    await file.close();
  }
}

/** The first bytes within gzipped ones; none where they are damaged. */
export function firstInner(start: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
    gunzip.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    const finish = () => resolve(Buffer.concat(chunks).subarray(0, HEAD));
    gunzip.on("end", finish).on("error", finish);
    gunzip.end(start);
  });
}
