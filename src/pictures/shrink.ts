import type { Image } from "../image/image.ts";

/** Downscales an image by an integer factor with average pooling; leftover pixels at the right and bottom are dropped. */
export function shrinkBy(image: Image, factor: number): Image {
  if (factor <= 1) return image;
  const { channels } = image;
  const [width, height] = [Math.floor(image.width / factor), Math.floor(image.height / factor)];
  const row = width * channels;
  const pixels = new Uint8Array(height * row);
  const sums = new Uint32Array(row);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let v = y * factor; v < (y + 1) * factor; v++) {
      const start = v * image.width * channels;
      for (let x = 0, at = start; x < row; x += channels)
        for (let u = 0; u < factor; u++) for (let c = 0; c < channels; c++) sums[x + c]! += image.pixels[at++]!;
    }
    for (let x = 0; x < row; x++) pixels[y * row + x] = Math.round(sums[x]! / factor ** 2);
  }
  return { width, height, channels, pixels };
}

/** The smallest integer factor that brings both sides down to `side` pixels, but leaves at least one pixel per side. */
export function factorTo({ width, height }: Image, side: number): number {
  return Math.max(1, Math.min(Math.ceil(Math.max(width, height) / side), width, height));
}
