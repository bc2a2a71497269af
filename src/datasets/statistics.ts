import { type Image, imageOf } from "../image/image.ts";
import { type AnyDataset, allRows, bytesPerImage, type Dataset } from "./dataset.ts";
import { type DuplicateGroup, findExactDuplicates } from "./duplicates/exact.ts";
import { readImages } from "./images.ts";
import { givenParts, rowsOfPart } from "./parts.ts";

/** Statistics of a data set. */
export interface DatasetStatistics {
  readonly count: number;
  readonly imageShape: Dataset["imageShape"];
  readonly classes: readonly { readonly name: string; readonly count: number }[];
  /** The mean of all pixels, 0 to 255. */
  readonly mean: number;
  /** The standard deviation of all pixels. */
  readonly deviation: number;
  readonly duplicates: readonly DuplicateGroup[];
  /** Groups of duplicates with more than one label. */
  readonly contradictions: number;
  /** The number of files of the source that are not in the data set. */
  readonly skipped: number;
}

/**
 * Class counts, mean and standard deviation of the pixels, and exact duplicates of a data set. `duplicates` is the result of
 * `findDuplicates` for its pixels, if known; otherwise they are searched for.
 */
export function describeDataset(
  dataset: Dataset,
  duplicates: readonly DuplicateGroup[] = findExactDuplicates(dataset),
): DatasetStatistics {
  const { images, labels, imageShape, classNames, skipped } = dataset;
  const counts = countLabels(labels, classNames.length);
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

/** Shape [K]: the mean image of each class, rounded; undefined for a class without images. */
export function classMeans(dataset: Dataset): readonly (Image | undefined)[] {
  const { images, labels, classNames, imageShape } = dataset;
  const size = bytesPerImage(dataset);
  const sums = classNames.map(() => new Float64Array(size));
  const counts = classNames.map(() => 0);
  for (const [row, label] of labels.entries()) {
    const sum = sums[label]!;
    counts[label]!++;
    for (let i = 0; i < size; i++) sum[i]! += images[row * size + i]!;
  }
  return sums.map((sum, label) => {
    if (counts[label] === 0) return undefined;
    const pixels = Uint8Array.from(sum, (value) => Math.round(value / counts[label]!));
    return imageOf(pixels, imageShape);
  });
}

/**
 * The mean and the standard deviation [C] of each channel over the given images, all by default, in levels of 0 to 255:
 * what `network` takes as `preprocessing` to give each channel a mean of 0 and a deviation of 1. The scale of a channel
 * whose pixels are all equal is 1. Pass the training images, so that nothing is learned from the others.
 */
export function channelMoments(
  dataset: AnyDataset,
  rows: ArrayLike<number> = allRows(dataset),
): { readonly mean: readonly number[]; readonly scale: readonly number[] } {
  const channels = dataset.imageShape[2];
  const counts = Array.from({ length: channels }, () => new Float64Array(256));
  const image = new Uint8Array(bytesPerImage(dataset));
  for (let i = 0; i < rows.length; i++) {
    readImages(dataset, [rows[i]!], image);
    for (const [at, pixel] of image.entries()) counts[at % channels]![pixel]!++;
  }
  const all = counts.map(histogramMoments);
  return { mean: all.map(({ mean }) => mean), scale: all.map(({ deviation }) => deviation || 1) };
}

/** Mean and standard deviation of bytes, both 0 if there are none. */
function moments(bytes: Uint8Array): Pick<DatasetStatistics, "mean" | "deviation"> {
  const counts = new Float64Array(256);
  for (let i = 0; i < bytes.length; i++) counts[bytes[i]!]!++;
  return histogramMoments(counts);
}

/** Mean and standard deviation of the levels that a histogram [256] counts; both 0 if it is empty. */
function histogramMoments(counts: Float64Array): { readonly mean: number; readonly deviation: number } {
  const total = counts.reduce((sum, n) => sum + n, 0);
  if (total === 0) return { mean: 0, deviation: 0 };
  const mean = counts.reduce((sum, n, value) => sum + n * value, 0) / total;
  const variance = counts.reduce((sum, n, value) => sum + n * (value - mean) ** 2, 0) / total;
  return { mean, deviation: Math.sqrt(variance) };
}

/** The most images that are looked at for their contrast, evenly spaced over the rows. */
const LOOKED_AT = 256;
/** The share of pixels that may be darker, or lighter, than all others. */
const RARE = 1 / 200;
/** Gray levels from which images are nearly black, or nearly white, and the least difference between them. */
const DARK = 32;
const LIGHT = 223;
const CONTRAST = 8;

/**
 * What is wrong with images in which there is almost nothing to see, and its likely cause: 99.5 % of all pixels are nearly
 * black or nearly white, or 99 % have almost the same gray level. Undefined for other images.
 */
export function contrastProblem(dataset: AnyDataset): string | undefined {
  const whole = contrastIn(dataset, allRows(dataset));
  if (whole !== undefined) return `${whole.pixels}; ${whole.cause}`;
  // One part may have values of another range than all others.
  for (const part of givenParts(dataset)) {
    const problem = contrastIn(dataset, rowsOfPart(dataset, part));
    if (problem !== undefined)
      return `${problem.pixels} in the ${part} part, but not in the others: it was probably saved with another range of values; save all parts with the same one`;
  }
  return undefined;
}

/** What the pixels of images look like in which nothing can be seen, and the likely cause. */
function contrastIn(
  dataset: AnyDataset,
  all: Uint32Array,
): { readonly pixels: string; readonly cause: string } | undefined {
  const { conversion } = dataset;
  if (all.length === 0) return undefined;
  const step = Math.ceil(all.length / LOOKED_AT);
  const rows = all.filter((_, i) => i % step === 0);
  const pixels = new Uint8Array(rows.length * bytesPerImage(dataset));
  readImages(dataset, rows, pixels);
  const counts = new Float64Array(256);
  for (let i = 0; i < pixels.length; i++) counts[pixels[i]!]!++;
  const below = (share: number) => {
    let sum = 0;
    return counts.findIndex((n) => (sum += n) >= share * pixels.length);
  };
  const [low, high] = [below(RARE), below(1 - RARE)];
  const range = "if the stored values have another range, set it with --value-range LOW..HIGH";
  if (counts[low] === pixels.length) {
    const name = low === 0 ? "black" : low === 255 ? "white" : "of the same gray";
    return { pixels: `all images are ${name}: every pixel is ${low} of 255`, cause: range };
  }
  if (high - low < CONTRAST)
    return { pixels: `nearly all pixels have the same gray level, ${low} to ${high} of 255`, cause: range };
  if (high < DARK) return { pixels: `nearly all pixels are black, at most ${high} of 255`, cause: range };
  if (low <= LIGHT) return undefined;
  const cause = conversion?.transparent
    ? "transparent areas became white, which hides light shapes on them: save the images on a dark background"
    : range;
  return { pixels: `nearly all pixels are white, at least ${low} of 255`, cause };
}

/** Shape [K]: the number of labels of each class. */
export function countLabels(labels: ArrayLike<number>, classes: number): Uint32Array {
  const counts = new Uint32Array(classes);
  for (let i = 0; i < labels.length; i++) counts[labels[i]!]!++;
  return counts;
}
