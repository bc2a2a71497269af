import type { Image } from "../image/image.ts";
import type { Box } from "./components.ts";
import type { Ink } from "./ink.ts";

/**
 * How much ink covers each pixel of a part of a picture: 0 for background, whatever its shade, 255 for full ink. What
 * differs by less than twice the background's noise, or a quarter of the contrast, is background.
 */
export function coverageOf(grey: Image, { background, darker, contrast }: Ink, part: Box, whole: Size): Image {
  const from = Math.min(2 * background.noise, 0.25 * contrast);
  const scale = 255 / (contrast - from);
  const pixels = new Uint8ClampedArray(grey.pixels.length);
  for (let y = 0, i = 0; y < grey.height; y++)
    for (let x = 0; x < grey.width; x++, i++) {
      const d = background.at((part.left + x) / whole.width, (part.top + y) / whole.height) - grey.pixels[i]!;
      pixels[i] = ((darker ? d : -d) - from) * scale;
    }
  return { ...grey, pixels: new Uint8Array(pixels.buffer) };
}

type Size = Pick<Image, "width" | "height">;

/** The box of the pixels above a value; the whole image where there are none. */
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

/** A box of a reduced picture in the picture itself, with a pixel of the reduced one around it. */
export function enlargeBox({ left, top, right, bottom }: Box, factor: number, { width, height }: Size): Box {
  if (factor === 1) return { left, top, right, bottom };
  return {
    left: Math.max(0, (left - 1) * factor),
    top: Math.max(0, (top - 1) * factor),
    right: Math.min(width, (right + 1) * factor),
    bottom: Math.min(height, (bottom + 1) * factor),
  };
}
