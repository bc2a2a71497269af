import type { Box, Image } from "../image/image.ts";

import type { Ink } from "./ink.ts";

/**
 * How much ink covers each pixel of a part of a picture: 0 for background, whatever its shade, to 255 for full ink.
 * Differences of less than twice the background's noise, or a quarter of the contrast if that is less, are background.
 */
export function coverageOf(gray: Image, { background, darker, contrast }: Ink, part: Box, whole: Size): Image {
  const from = Math.min(2 * background.noise, 0.25 * contrast);
  const scale = 255 / (contrast - from);
  const pixels = new Uint8ClampedArray(gray.pixels.length);
  for (let y = 0, i = 0; y < gray.height; y++)
    for (let x = 0; x < gray.width; x++, i++) {
      const d = background.at((part.left + x) / whole.width, (part.top + y) / whole.height) - gray.pixels[i]!;
      pixels[i] = ((darker ? d : -d) - from) * scale;
    }
  return { ...gray, pixels: new Uint8Array(pixels.buffer) };
}

type Size = Pick<Image, "width" | "height">;

/** The bounding box of the pixels above a value; the whole image if there are none. */
export function boxAbove({ width, height, pixels }: Image, value: number): Box {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      if (pixels[i]! <= value) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = y + 1;
    }
  return right === 0 ? { left: 0, top: 0, right: width, bottom: height } : { left, top, right, bottom };
}

/** Converts a box in a downscaled picture to one in the original, with a border of one downscaled pixel. */
export function enlargeBox({ left, top, right, bottom }: Box, factor: number, { width, height }: Size): Box {
  if (factor === 1) return { left, top, right, bottom };
  return {
    left: Math.max(0, (left - 1) * factor),
    top: Math.max(0, (top - 1) * factor),
    right: Math.min(width, (right + 1) * factor),
    bottom: Math.min(height, (bottom + 1) * factor),
  };
}
