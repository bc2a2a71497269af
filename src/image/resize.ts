import { InklingError } from "../base/error.ts";
import { type Image, type ImageOptions, toColour, toGrey } from "./image.ts";

/** The source positions that one output position draws from, with weights that sum to 1. */
interface Tap {
  readonly first: number;
  readonly weights: Float64Array;
}

/**
 * Weights of the triangle filter along one axis. Pixel centres lie at i + ½; an output pixel at x has its centre
 * at c = (x + ½)·from/to and draws from source pixels by max(0, 1 − |i + ½ − c| / s), s = max(1, from/to): linear
 * interpolation where the image grows, an average over the area where it shrinks (Pillow's BILINEAR).
 */
function tapAt(x: number, from: number, to: number): Tap {
  const scale = from / to;
  const reach = Math.max(1, scale);
  const centre = (x + 0.5) * scale;
  const first = Math.max(0, Math.floor(centre - reach));
  const last = Math.min(from - 1, Math.ceil(centre + reach) - 1);
  const weights = new Float64Array(last - first + 1);
  let sum = 0;
  for (let k = 0; k < weights.length; k++)
    sum += weights[k] = Math.max(0, 1 - Math.abs(first + k + 0.5 - centre) / reach);
  for (let k = 0; k < weights.length; k++) weights[k]! /= sum;
  return { first, weights };
}

/** Samples of all rows at their new width; a photo of 100 megapixels has a tenth of it. */
const MAX_WORK = 2 ** 28;

/**
 * The image at another size, by the triangle filter: along rows, then along columns, rounded once at the end. Rows are
 * taken one after another and added to the output rows that draw from them, so that a picture of millions of rows
 * needs no memory for each. Throws `INVALID_DATA` for a picture that would take minutes.
 */
export function resize(image: Image, [height, width]: readonly [height: number, width: number]): Image {
  if (image.height === height && image.width === width) return image;
  const { channels } = image;
  const row = width * channels;
  if (image.height * row > MAX_WORK)
    throw new InklingError(
      "INVALID_DATA",
      `scaling from ${image.height} x ${image.width} pixels (height x width) to ${height} x ${width} would take too long; leave the picture out, or scale it beforehand`,
    );
  const pixels = new Uint8Array(height * row);
  const across = Array.from({ length: width }, (_, x) => tapAt(x, image.width, width));
  const open: { readonly y: number; readonly tap: Tap; readonly sums: Float64Array }[] = [];
  const narrow = new Float64Array(row);
  let tap = tapAt(0, image.height, height);
  for (let from = 0, y = 0; from < image.height; from++) {
    for (; y < height && tap.first <= from; tap = tapAt(++y, image.height, height))
      open.push({ y, tap, sums: new Float64Array(row) });
    narrowRow(image, from, across, narrow);
    for (const { tap, sums } of open) {
      const weight = tap.weights[from - tap.first]!;
      for (let i = 0; i < row; i++) sums[i]! += weight * narrow[i]!;
    }
    while (open[0] && open[0].tap.first + open[0].tap.weights.length <= from + 1) {
      const { y: done, sums } = open.shift()!;
      for (let i = 0; i < row; i++) pixels[done * row + i] = Math.round(sums[i]!);
    }
  }
  return { width, height, channels, pixels };
}

/** One row of the image at its new width. */
function narrowRow({ width, channels, pixels }: Image, y: number, taps: readonly Tap[], target: Float64Array): void {
  for (let x = 0; x < taps.length; x++) {
    const { first, weights } = taps[x]!;
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let k = 0, at = (y * width + first) * channels + c; k < weights.length; k++, at += channels)
        sum += weights[k]! * pixels[at]!;
      target[x * channels + c] = sum;
    }
  }
}

/** The image as the options want it: its channels first, then its size. */
export function adapt(image: Image, options: ImageOptions): Image {
  const { channels, resize: size } = options;
  const converted = channels === 1 ? toGrey(image) : channels === 3 ? toColour(image) : image;
  return size ? resize(converted, size) : converted;
}
