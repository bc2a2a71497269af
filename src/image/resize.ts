import { InklingError } from "../base/error.ts";
import type { Image } from "./image.ts";

/** The source positions that contribute to one output position, with weights that sum to 1. */
interface Tap {
  readonly first: number;
  readonly weights: Float64Array;
}

/**
 * Weights of the triangle filter along one axis (Pillow's BILINEAR). Pixel centers are at i + ½. Output pixel x has its
 * center at c = (x + ½)·from/to in the source, and source pixel i has the weight max(0, 1 − |i + ½ − c| / s), normalized,
 * with s = max(1, from/to): linear interpolation when enlarging, a weighted area average when shrinking.
 */
function tapAt(x: number, from: number, to: number): Tap {
  const scale = from / to;
  const reach = Math.max(1, scale);
  const center = (x + 0.5) * scale;
  const first = Math.max(0, Math.floor(center - reach));
  const last = Math.min(from - 1, Math.ceil(center + reach) - 1);
  const weights = new Float64Array(last - first + 1);
  let sum = 0;
  for (let k = 0; k < weights.length; k++)
    sum += weights[k] = Math.max(0, 1 - Math.abs(first + k + 0.5 - center) / reach);
  for (let k = 0; k < weights.length; k++) weights[k]! /= sum;
  return { first, weights };
}

/** The most samples in all source rows at their new width; a photo of 100 megapixels has a tenth of that. */
const MAX_WORK = 2 ** 28;

/**
 * Resizes an image to (height, width) with the triangle filter: along rows, then along columns, rounded once at the end.
 * Each source row is added to the output rows to which it contributes, so that memory does not grow with the number of
 * source rows. Throws `INVALID_DATA` for a picture that would take minutes.
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

/** Resizes one row of the image to the new width. */
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
