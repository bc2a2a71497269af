import { sha256 } from "../base/sha256.ts";
import { bytesPerImage, type Dataset } from "./dataset.ts";

/** Checksums that are under way at a time: one after another would take six times as long. */
const AT_ONCE = 1024;

/** SHA-256 of the pixels of each of these rows, in hex: what an image is known by, wherever it stands. */
export async function imageDigests(
  dataset: Pick<Dataset, "images" | "imageShape">,
  rows: ArrayLike<number>,
): Promise<readonly string[]> {
  const size = bytesPerImage(dataset);
  const digests: string[] = [];
  for (let first = 0; first < rows.length; first += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, rows.length - first) }, (_, i) => rows[first + i]!);
    digests.push(
      ...(await Promise.all(some.map((row) => sha256(dataset.images.subarray(row * size, (row + 1) * size))))),
    );
  }
  return digests;
}
