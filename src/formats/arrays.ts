import { type Dataset, type Provenance, validateDataset, withReading } from "../datasets/dataset.ts";
import { partNumber } from "../datasets/parts.ts";
import type { SplitName } from "../datasets/splitSizes.ts";
import { readLabels } from "./arrayLabels.ts";
import { damaged, invalid } from "./format.ts";
import type { LabelOptions } from "./labels.ts";
import { countOf, type NdArray, numbers, rowMajor } from "./ndarray.ts";

/** An array of images and the array of their labels. */
export interface LabelledArrays {
  readonly images: NdArray;
  /** Text may also be given as it is. */
  readonly labels: NdArray | readonly string[];
}

export interface ArrayOptions extends LabelOptions {
  readonly provenance: Provenance;
  readonly groups?: Uint32Array | undefined;
  /** The part of the data set that each pair of arrays is. */
  readonly parts?: readonly SplitName[];
}

/** Elements per block. */
const BLOCK = 2 ** 16;

/**
 * Makes a data set from arrays, concatenating several parts. Images are (N, H, W), (N, H, W, C), (N, C, H, W) or, if they
 * are square, (N, H·W·C), with C = 1 or 3; labels are (N,), (N, 1), or one-hot (N, K), and the classes those that
 * occur (see {@link readLabels}).
 *
 * Pixels p are recovered from the range of all values x: uint8 is used as is, booleans become 0 and 255; floats in 0 … 1
 * are p / 255, and floats in −0.5 … 0.5 are (p − 127.5) / 255; otherwise values in 0 … 255 are p; and integers in
 * 0 … 65,535 are divided by 257. Results are rounded. Throws `INVALID_DATA`.
 */
export function datasetOfArrays(parts: readonly LabelledArrays[], options: ArrayOptions): Dataset {
  const { what, provenance, groups, parts: names } = options;
  const images = parts.map((part) => rowMajor(part.images));
  const layouts = images.map((array) => layoutOf(array.shape, what));
  const [height, width, channels, first] = layouts[0]!;
  const size = height * width * channels;
  if (layouts.some(([h, w, c]) => h !== height || w !== width || c !== channels))
    throw invalid(what, "its parts have images of different shapes");
  const labels = readLabels(
    parts.map((part) => part.labels),
    options,
  );
  const counts = images.map((array) => array.shape[0]!);
  for (const [i, count] of counts.entries())
    if (labels.counts[i] !== count) throw damaged(what, `it has ${count} images and ${labels.counts[i]} labels`);
  const scale = scaleOf(images, what);
  const pixels = new Uint8Array(labels.labels.length * size);
  let at = 0;
  for (const array of images)
    for (const block of blocks(array, what)) for (const value of block) pixels[at++] = scale(value);
  return validateDataset({
    images: first === "channels" && channels > 1 ? channelsLast(pixels, height * width, channels) : pixels,
    labels: labels.labels,
    imageShape: [height, width, channels],
    classNames: labels.classNames,
    ...(groups && { groups }),
    ...(names && {
      parts: Uint8Array.from(counts.flatMap((n, i) => new Array<number>(n).fill(partNumber(names[i]!)))),
    }),
    provenance: labels.notes.reduce(withReading, provenance),
    skipped: [],
  });
}

type Layout = readonly [height: number, width: number, channels: 1 | 3, first: "channels" | "rows"];

function layoutOf(shape: readonly number[], what: string): Layout {
  const [, a = 0, b = 0, c = 0] = shape;
  if (shape.length === 3) return [a, b, 1, "rows"];
  if (shape.length === 4 && (c === 1 || c === 3)) return [a, b, c, "rows"];
  if (shape.length === 4 && (a === 1 || a === 3)) return [b, c, a, "channels"];
  const side = Math.sqrt(a);
  if (shape.length === 2 && Number.isInteger(side)) return [side, side, 1, "rows"];
  if (shape.length === 2 && Number.isInteger(Math.sqrt(a / 3))) return [Math.sqrt(a / 3), Math.sqrt(a / 3), 3, "rows"];
  throw invalid(
    what,
    `images of shape (${shape.join(", ")}) are not supported, only (N, H, W), (N, H, W, C), (N, C, H, W) and (N, H·H)`,
  );
}

function* blocks(array: NdArray, what: string): Generator<Float64Array> {
  const count = countOf(array.shape);
  for (let at = 0; at < count; at += BLOCK) yield numbers(array, at, Math.min(count, at + BLOCK), what);
}

/** The function that converts an element of these arrays to a pixel. */
function scaleOf(arrays: readonly NdArray[], what: string): (value: number) => number {
  if (arrays.every(({ dtype }) => dtype.kind === "u" && dtype.itemSize === 1)) return (value) => value;
  if (arrays.every(({ dtype }) => dtype.kind === "b")) return (value) => value * 255;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const array of arrays)
    for (const block of blocks(array, what))
      for (const value of block) {
        if (Number.isNaN(value)) throw invalid(what, "a pixel is not a number");
        if (value < low) low = value;
        if (value > high) high = value;
      }
  const isFloat = arrays.some(({ dtype }) => dtype.kind === "f");
  if (isFloat && low >= 0 && high <= 1) return (value) => Math.round(value * 255);
  if (isFloat && low >= -0.5 && high <= 0.5) return (value) => Math.round(value * 255 + 127.5);
  if (low >= 0 && high <= 255) return Math.round;
  if (!isFloat && low >= 0 && high <= 65535) return (value) => Math.round(value / 257);
  if (low > high) return (value) => value;
  throw invalid(
    what,
    `pixels from ${low} to ${high} are not supported, only those in 0 … 255, 0 … 1, or normalized to −0.5 … 0.5`,
  );
}

function channelsLast(pixels: Uint8Array, plane: number, channels: number): Uint8Array {
  const turned = new Uint8Array(pixels.length);
  const size = plane * channels;
  for (let start = 0; start < pixels.length; start += size)
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < plane; i++) turned[start + i * channels + c] = pixels[start + c * plane + i]!;
  return turned;
}
