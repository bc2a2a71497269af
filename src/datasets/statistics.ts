import { type Dataset, imageSize } from "./dataset.ts";

/** Images whose pixels are the same, by their rows in order. */
export type DuplicateGroup = readonly number[];

/** What a data set holds. */
export interface DatasetStatistics {
  readonly count: number;
  readonly imageShape: Dataset["imageShape"];
  readonly classes: readonly { readonly name: string; readonly count: number }[];
  /** Of all pixels, 0 to 255. */
  readonly mean: number;
  /** The standard deviation of all pixels. */
  readonly deviation: number;
  readonly duplicates: readonly DuplicateGroup[];
  /** Groups of duplicates with more than one label. */
  readonly contradictions: number;
  /** Files of the source that the data set has not. */
  readonly skipped: number;
}

/** Counts, mean and deviation of the pixels, and exact duplicates of a data set. */
export function describeDataset(dataset: Dataset): DatasetStatistics {
  const { images, labels, imageShape, classNames, skipped } = dataset;
  const counts = new Uint32Array(classNames.length);
  for (const label of labels) counts[label]!++;
  const duplicates = findDuplicates(dataset);
  return {
    count: labels.length,
    imageShape,
    classes: classNames.map((name, k) => ({ name, count: counts[k]! })),
    ...moments(images),
    duplicates,
    contradictions: duplicates.filter((rows) => rows.some((row) => labels[row] !== labels[rows[0]!])).length,
    skipped: skipped.length,
  };
}

/** Mean and standard deviation of bytes, from how often each value is there; 0 and 0 for none. */
function moments(bytes: Uint8Array): Pick<DatasetStatistics, "mean" | "deviation"> {
  const counts = new Float64Array(256);
  for (let i = 0; i < bytes.length; i++) counts[bytes[i]!]!++;
  if (bytes.length === 0) return { mean: 0, deviation: 0 };
  const mean = counts.reduce((sum, n, value) => sum + n * value, 0) / bytes.length;
  const variance = counts.reduce((sum, n, value) => sum + n * (value - mean) ** 2, 0) / bytes.length;
  return { mean, deviation: Math.sqrt(variance) };
}

/** Groups of two or more images with the same pixels, in the order of their first rows. */
export function findDuplicates(dataset: Dataset): readonly DuplicateGroup[] {
  const { images, labels } = dataset;
  const size = imageSize(dataset);
  const pixelsOf = (row: number) => images.subarray(row * size, (row + 1) * size);
  const byHash = new Map<number, number[][]>();
  for (let row = 0; row < labels.length; row++) {
    const pixels = pixelsOf(row);
    const hash = hashOf(pixels);
    const groups = byHash.get(hash) ?? [];
    const group = groups.find((rows) => sameBytes(pixelsOf(rows[0]!), pixels));
    if (group) group.push(row);
    else groups.push([row]);
    byHash.set(hash, groups);
  }
  return [...byHash.values()]
    .flat()
    .filter((rows) => rows.length > 1)
    .sort((a, b) => a[0]! - b[0]!);
}

/** FNV-1a, 32 bits. */
function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return a.length === b.length;
}
