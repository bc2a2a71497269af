import { allocate } from "../../base/memory.ts";
import { adapt } from "../../image/adapt.ts";
import { type Image, type ImageShape, imageOf } from "../../image/image.ts";
import type { Tiles } from "../browsing.ts";

/**
 * Images [N,H,W,C] as tiles in RGBA, shrunk to at most `side` pixels in height and width. Throws `INVALID_DATA` unless they have
 * 1 or 3 channels.
 */
export function tilesOf(pixels: Uint8Array, shape: ImageShape, side: number): Omit<Tiles, "notes"> {
  const size = shape[0] * shape[1] * shape[2];
  const scale = Math.min(1, side / Math.max(shape[0], shape[1]));
  const [height, width] = [Math.max(1, Math.round(shape[0] * scale)), Math.max(1, Math.round(shape[1] * scale))];
  const count = pixels.length / size;
  const tiles = new Uint8ClampedArray(allocate(count * height * width * 4, "the tiles", "show fewer at once").buffer);
  for (let i = 0; i < count; i++) {
    const image = imageOf(pixels.subarray(i * size, (i + 1) * size), shape);
    const shrunk = scale < 1 ? adapt(image, { resize: [height, width] }) : image;
    toRgba(shrunk, tiles.subarray(i * height * width * 4));
  }
  return { height, width, pixels: tiles };
}

function toRgba({ pixels, channels }: Image, target: Uint8ClampedArray): void {
  const count = pixels.length / channels;
  for (let p = 0; p < count; p++) {
    const at = p * channels;
    target[4 * p] = pixels[at]!;
    target[4 * p + 1] = pixels[channels === 3 ? at + 1 : at]!;
    target[4 * p + 2] = pixels[channels === 3 ? at + 2 : at]!;
    target[4 * p + 3] = 255;
  }
}
