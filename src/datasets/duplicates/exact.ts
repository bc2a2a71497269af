import { viewOf } from "../../base/bytes.ts";
import { crc32 } from "../../base/crc32.ts";
import { bytesPerImage } from "../dataset.ts";
import { type Images, imagePieces, readImages } from "../images.ts";

/** The rows of images that are duplicates of each other, in ascending order. */
export type DuplicateGroup = readonly number[];

/**
 * Groups of two or more images with the same pixels, in the order of their first rows. Several data sets, which must have
 * images of the same shape, are numbered consecutively: the first row of a set follows the last row of the one before.
 */
export function findExactDuplicates(...sets: readonly Images[]): readonly DuplicateGroup[] {
  const { rows, hashes } = sortedByHash(sets);
  const pixelsOf = pixelReader(sets);
  const groups: number[][] = [];
  for (let start = 0, end = 0; start < rows.length; start = end) {
    do end++;
    while (end < rows.length && hashes[end] === hashes[start]);
    if (end - start > 1) groups.push(...alike(rows.subarray(start, end), pixelsOf));
  }
  return groups.sort((a, b) => a[0]! - b[0]!);
}

/** The groups without rows from `count` on, as of a first data set; those left with one row are dropped. */
export const groupsWithin = (groups: readonly DuplicateGroup[], count: number): readonly DuplicateGroup[] =>
  groups.map((rows) => rows.filter((row) => row < count)).filter((rows) => rows.length > 1);

/** All rows, sorted by the hash of their image, then by row, so that images with the same pixels are adjacent. */
function sortedByHash(sets: readonly Images[]): { readonly rows: Uint32Array; readonly hashes: Uint32Array } {
  const known = sets.some((set) => "crc32" in set);
  // hash · 2³² + row: 64-bit integers are sorted without a comparison function.
  const keys = new BigUint64Array(sets.reduce((sum, { labels }) => sum + labels.length, 0));
  // Assumes little-endian, as everywhere in this project: the row is the first half of a key.
  const halves = new Uint32Array(keys.buffer);
  let row = 0;
  for (const set of sets)
    for (const hash of hashesOf(set, known ? crc32 : hashOf)) {
      halves[2 * row + 1] = hash;
      halves[2 * row] = row++;
    }
  keys.sort();
  const half = (of: 0 | 1) => new Uint32Array(keys.length).map((_, i) => halves[2 * i + of]!);
  return { rows: half(0), hashes: half(1) };
}

function* hashesOf(set: Images, hash: (pixels: Uint8Array) => number): Generator<number> {
  if ("crc32" in set) yield* set.crc32;
  else {
    const size = bytesPerImage(set);
    for (const piece of imagePieces(set))
      for (let at = 0; at < piece.length; at += size) yield hash(piece.subarray(at, at + size));
  }
}

/** Groups of rows with the same pixels, among rows with the same hash. */
function alike(rows: Uint32Array, pixelsOf: (row: number) => Uint8Array): readonly number[][] {
  const groups: { readonly pixels: Uint8Array; readonly rows: number[] }[] = [];
  for (const row of rows) {
    const pixels = pixelsOf(row);
    const group = groups.find((other) => sameBytes(other.pixels, pixels));
    if (group) group.rows.push(row);
    else groups.push({ pixels, rows: [row] });
  }
  return groups.map((group) => group.rows).filter((group) => group.length > 1);
}

/** A function that returns the pixels of a row, with rows numbered consecutively across sets. */
function pixelReader(sets: readonly Images[]): (row: number) => Uint8Array {
  return (row) => {
    let first = 0;
    for (const set of sets) {
      const [size, count] = [bytesPerImage(set), set.labels.length];
      if (row < first + count) {
        if ("images" in set) return set.images.subarray((row - first) * size, (row - first + 1) * size);
        const pixels = new Uint8Array(size);
        readImages(set, [row - first], pixels);
        return pixels;
      }
      first += count;
    }
    throw new Error(`row ${row} of ${first}`);
  };
}

/** A 32-bit hash, word by word and then the last bytes, by rotate, xor and multiply, as in Firefox's hash tables. */
function hashOf(bytes: Uint8Array): number {
  const mix = (hash: number, value: number) => Math.imul(((hash << 5) | (hash >>> 27)) ^ value, 0x9e3779b1);
  const view = viewOf(bytes);
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
