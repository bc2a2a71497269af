import type { Image } from "./image.ts";

/** Where the pixel that is seen at row y, column x is stored, for images stored with H rows and W columns. */
const places: Readonly<Record<number, (y: number, x: number, h: number, w: number) => readonly [number, number]>> = {
  2: (y, x, _, w) => [y, w - 1 - x],
  3: (y, x, h, w) => [h - 1 - y, w - 1 - x],
  4: (y, x, h) => [h - 1 - y, x],
  5: (y, x) => [x, y],
  6: (y, x, h) => [h - 1 - x, y],
  7: (y, x, h, w) => [h - 1 - x, w - 1 - y],
  8: (y, x, _, w) => [x, w - 1 - y],
};

/** The image as its EXIF orientation says that it is seen: 2 to 8 mirror and turn it; 1, and none, leave it. */
export function orient(image: Image, orientation = 1): Image {
  const place = places[orientation];
  if (!place) return image;
  const { channels, pixels } = image;
  const [height, width] = orientation >= 5 ? [image.width, image.height] : [image.height, image.width];
  const seen = new Uint8Array(pixels.length);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [row, column] = place(y, x, image.height, image.width);
      for (let c = 0; c < channels; c++) seen[at++] = pixels[(row * image.width + column) * channels + c]!;
    }
  return { height, width, channels, pixels: seen };
}
