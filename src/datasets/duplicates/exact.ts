import { type Dataset, imageSize } from "../dataset.ts";

/** Images that are alike, by their rows in order. */
export type DuplicateGroup = readonly number[];

/** What duplicates are looked for in. */
export type Images = Pick<Dataset, "images" | "labels" | "imageShape">;

/**
 * Groups of two or more images with the same pixels, in the order of their first rows. The rows of several data sets,
 * which must have images of one shape, are counted on from set to set.
 */
export function findExactDuplicates(...sets: readonly Images[]): readonly DuplicateGroup[] {
  const count = sets.reduce((sum, { labels }) => sum + labels.length, 0);
  const pixelsOf = pixelReader(sets);
  // Rows with the same hash and other pixels are chained, the last one first.
  const last = new Map<number, number>();
  const before = new Int32Array(count);
  const groups = new Map<number, number[]>();
  for (let row = 0; row < count; row++) {
    const pixels = pixelsOf(row);
    const hash = hashOf(pixels);
    const newest = last.get(hash) ?? -1;
    let found = newest;
    while (found >= 0 && !sameBytes(pixelsOf(found), pixels)) found = before[found]!;
    if (found < 0) {
      before[row] = newest;
      last.set(hash, row);
      continue;
    }
    const group = groups.get(found);
    if (group) group.push(row);
    else groups.set(found, [found, row]);
  }
  return [...groups.values()].sort((a, b) => a[0]! - b[0]!);
}

/** Gives the pixels of a row, rows being counted on from set to set. */
export function pixelReader(sets: readonly Images[]): (row: number) => Uint8Array {
  return (row) => {
    let first = 0;
    for (const set of sets) {
      const [size, count] = [imageSize(set), set.labels.length];
      if (row < first + count) return set.images.subarray((row - first) * size, (row - first + 1) * size);
      first += count;
    }
    throw new Error(`row ${row} of ${first}`);
  };
}

/** 32 bits from each word turned in and multiplied, as in Firefox's hash tables; the last bytes one by one. */
function hashOf(bytes: Uint8Array): number {
  const mix = (hash: number, value: number) => Math.imul(((hash << 5) | (hash >>> 27)) ^ value, 0x9e3779b1);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length & ~3;
  let hash = 0;
  for (let i = 0; i < whole; i += 4) hash = mix(hash, view.getInt32(i, true));
  for (let i = whole; i < bytes.length; i++) hash = mix(hash, bytes[i]!);
  return hash;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return a.length === b.length;
}
