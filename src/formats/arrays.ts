import { type Dataset, type Provenance, validateDataset, withReading } from "../datasets/dataset.ts";
import { partNumber } from "../datasets/parts.ts";
import type { SplitName } from "../datasets/splitSizes.ts";
import type { ValueRange } from "../image/image.ts";
import { BYTE, formatRange, isBytes, levelOf, rangeWithin, WORD } from "../image/valueRange.ts";
import { readLabels } from "./arrayLabels.ts";
import { invalid, type ReadOptions } from "./format.ts";
import type { LabelOptions } from "./labels.ts";
import { countOf, type NdArray, numbers, rowMajor } from "./ndarray.ts";

/** An array of images and the array of their labels. */
export interface LabeledArrays {
  readonly images: NdArray;
  /** Text may also be given as it is. */
  readonly labels: NdArray | readonly string[];
}

export interface ArrayOptions extends LabelOptions {
  readonly provenance: Provenance;
  readonly groups?: Uint32Array | undefined;
  /** The part of the data set that each pair of arrays is. */
  readonly parts?: readonly SplitName[];
  /** How its values are read. */
  readonly read?: Pick<ReadOptions, "valueRange" | "inputsOf">;
}

/** Elements per block. */
const BLOCK = 2 ** 16;

/**
 * Makes a data set from arrays, concatenating several parts. Images are (N, H, W), (N, H, W, C), (N, C, H, W) or, if they
 * are square, (N, H·W·C), with C = 1 or 3; labels are (N,), (N, 1), or one-hot (N, K), and the classes those that
 * occur (see {@link readLabels}).
 *
 * Numbers become gray levels 0 … 255 by the range given, that of a model's training data, or the one that {@link rangeOf}
 * finds among all of them; results are rounded and clipped. Throws `INVALID_DATA`.
 */
export function datasetOfArrays(parts: readonly LabeledArrays[], options: ArrayOptions): Dataset {
  const { what, groups, parts: names } = options;
  const images = parts.map((part) => rowMajor(part.images));
  const layouts = images.map((array) => layoutOf(array.shape, what));
  const [height, width, channels, first] = layouts[0]!;
  if (layouts.some(([h, w, c]) => h !== height || w !== width || c !== channels))
    throw invalid(what, "its parts have images of different shapes");
  const labels = readLabels(
    parts.map((part) => part.labels),
    options,
  );
  const counts = images.map((array) => array.shape[0]!);
  for (const [i, count] of counts.entries())
    if (labels.counts[i] !== count)
      throw invalid(what, `it has ${count} images and ${labels.counts[i]} labels; expected one label for each image`);
  const isFloat = images.some(({ dtype }) => dtype.kind === "f");
  const range = rangeFor(images, isFloat, options);
  const pixels = pixelsOf(images, range, what);
  const provenance = isBytes(range)
    ? options.provenance
    : withReading(options.provenance, `values ${formatRange(range)} as gray levels`);
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
    ...(!isBytes(range) && { conversion: { values: { of: isFloat ? "floats" : "integers", range } } }),
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
  const text = shape.join(", ");
  if (shape.length === 4 && (c === 4 || a === 4))
    throw invalid(what, `images of shape (${text}) have 4 channels, expected 1 or 3; leave out the alpha channel`);
  if (shape.length === 2)
    throw invalid(
      what,
      `rows of ${a} values do not make a square image; give the images the shape (N, H, W) or (N, H, W, C)`,
    );
  throw invalid(
    what,
    `images have the shape (${text}), expected (N, H, W), (N, H, W, C) or (N, C, H, W), with C = 1 or 3`,
  );
}

function* blocks(array: NdArray, what: string): Generator<Float64Array> {
  const count = countOf(array.shape);
  for (let at = 0; at < count; at += BLOCK) yield numbers(array, at, Math.min(count, at + BLOCK), what);
}

function pixelsOf(arrays: readonly NdArray[], range: ValueRange, what: string): Uint8Array {
  const pixels = new Uint8Array(arrays.reduce((sum, { shape }) => sum + countOf(shape), 0));
  const level = levelOf(range);
  let at = 0;
  for (const array of arrays) {
    if (isByteArray(array) && isBytes(range)) {
      pixels.set(array.bytes, at);
      at += array.bytes.length;
    } else for (const block of blocks(array, what)) for (const value of block) pixels[at++] = level(value);
  }
  return pixels;
}

function rangeFor(images: readonly NdArray[], isFloat: boolean, { read = {}, what }: ArrayOptions): ValueRange {
  if (images.every(({ dtype }) => dtype.kind === "b")) return [0, 1];
  if (read.valueRange) return read.valueRange;
  const trained = read.inputsOf?.preparation.values;
  if (trained?.of === (isFloat ? "floats" : "integers")) return trained.range;
  return rangeOf(images, isFloat, { what, isShort: !read.inputsOf });
}

/**
 * The range of the numbers in all arrays. Floats are in the first of 0 … 1, −0.5 … 0.5 and −1 … 1 that holds all of
 * them. Otherwise numbers without a sign are in 0 … 255 or 0 … 65,535, or from 0 to the greatest if they fill at most a
 * quarter of that and `isShort` allows it; and all others, such as images normalized by their mean and standard deviation,
 * are in the range from the least to the greatest.
 */
function rangeOf(
  arrays: readonly NdArray[],
  isFloat: boolean,
  { what, isShort }: { readonly what: string; readonly isShort: boolean },
): ValueRange {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const array of arrays)
    for (const block of isByteArray(array) ? [array.bytes] : blocks(array, what))
      for (const value of block) {
        if (!Number.isFinite(value)) throw invalid(what, `a pixel is ${value}, expected a number; replace such pixels`);
        if (value < low) low = value;
        if (value > high) high = value;
      }
  if (low > high) return [0, BYTE];
  const normal = isFloat && NORMAL.find(([least, most]) => low >= least && high <= most);
  if (normal) return normal;
  const full = high <= BYTE ? BYTE : WORD;
  if (low >= 0 && high <= WORD) return isShort ? rangeWithin(high, full) : [0, full];
  return [low, low < high ? high : low + 1];
}

const isByteArray = ({ dtype }: NdArray): boolean => dtype.kind === "u" && dtype.itemSize === 1;

/** The ranges of floats that are not bytes, in the order in which they are tried. */
const NORMAL: readonly ValueRange[] = [
  [0, 1],
  [-0.5, 0.5],
  [-1, 1],
];

function channelsLast(pixels: Uint8Array, plane: number, channels: number): Uint8Array {
  const turned = new Uint8Array(pixels.length);
  const size = plane * channels;
  for (let start = 0; start < pixels.length; start += size)
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < plane; i++) turned[start + i * channels + c] = pixels[start + c * plane + i]!;
  return turned;
}
