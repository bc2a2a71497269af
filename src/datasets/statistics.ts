import { countLabels } from "./countLabels.ts";
import type { Dataset } from "./dataset.ts";
import { type DuplicateGroup, findExactDuplicates } from "./duplicates/exact.ts";

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
  const counts = countLabels(labels, classNames.length);
  const duplicates = findExactDuplicates(dataset);
  return {
    count: labels.length,
    imageShape,
    classes: classNames.map((name, k) => ({ name, count: counts[k]! })),
    ...moments(images),
    duplicates,
    contradictions: contradictionsIn(duplicates, labels),
    skipped: skipped.length,
  };
}

/** How many groups have more than one label. */
export const contradictionsIn = (groups: readonly DuplicateGroup[], labels: Uint16Array): number =>
  groups.filter((rows) => rows.some((row) => labels[row] !== labels[rows[0]!])).length;

/** Mean and standard deviation of bytes, from how often each value is there; 0 and 0 for none. */
function moments(bytes: Uint8Array): Pick<DatasetStatistics, "mean" | "deviation"> {
  const counts = new Float64Array(256);
  for (let i = 0; i < bytes.length; i++) counts[bytes[i]!]!++;
  if (bytes.length === 0) return { mean: 0, deviation: 0 };
  const mean = counts.reduce((sum, n, value) => sum + n * value, 0) / bytes.length;
  const variance = counts.reduce((sum, n, value) => sum + n * (value - mean) ** 2, 0) / bytes.length;
  return { mean, deviation: Math.sqrt(variance) };
}
