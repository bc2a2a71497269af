import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { crc32 } from "../../base/crc32.ts";
import { InklingError } from "../../base/error.ts";
import { bytesPerImage, type StreamedDataset } from "../../datasets/dataset.ts";
import type { PackedImages } from "../readPack.ts";

/**
 * Reads images where they are in a file. The file is open during a call only, so nobody has to close it. A reader
 * throws `INVALID_DATA` where the file is another one than now, or an image does not have its checksum, and
 * `FILE_SYSTEM`.
 */
export function imagesInFile(path: string): (packed: PackedImages) => StreamedDataset["read"] {
  const before = markOf(statSync(path));
  return ({ dataset, at }) => {
    const size = bytesPerImage(dataset);
    return (rows, target) =>
      withOpen(path, (file) => {
        if (markOf(fstatSync(file)) !== before)
          throw new InklingError("INVALID_DATA", `${path} has changed since it was opened; open it again`);
        for (let first = 0, end = 0; first < rows.length; first = end) {
          do end++;
          while (end < rows.length && rows[end] === rows[end - 1]! + 1);
          readFully(path, file, target.subarray(first * size, end * size), at + rows[first]! * size);
        }
        for (let i = 0; i < rows.length; i++)
          if (crc32(target.subarray(i * size, (i + 1) * size)) !== dataset.crc32[rows[i]!])
            throw new InklingError(
              "INVALID_DATA",
              `${path}: the checksum of image ${rows[i]} is wrong; the file is damaged: fetch or build it again`,
            );
      });
  };
}

/** What a file is known by. */
const markOf = ({ dev, ino, size, mtimeMs }: { dev: number; ino: number; size: number; mtimeMs: number }): string =>
  `${dev} ${ino} ${size} ${mtimeMs}`;

function withOpen(path: string, use: (file: number) => void): void {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    use(file);
  } catch (cause) {
    if (cause instanceof InklingError) throw cause;
    throw new InklingError("FILE_SYSTEM", `${path} cannot be read: ${(cause as Error).message}`, { cause });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function readFully(path: string, file: number, target: Uint8Array, at: number): void {
  for (let filled = 0; filled < target.length; ) {
    const read = readSync(file, target, filled, target.length - filled, at + filled);
    if (read === 0) throw new InklingError("INVALID_DATA", `${path} became shorter while it was read`);
    filled += read;
  }
}
