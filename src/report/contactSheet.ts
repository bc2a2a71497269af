import { InklingError } from "../base/error.ts";
import type { Dataset } from "../datasets/dataset.ts";
import { type Image, imageAt, toColor } from "../image/image.ts";
import { place } from "../image/place.ts";

/** The layout of images. */
export interface TileOptions {
  /** Images per row. */
  readonly columns: number;
  /** Side of each image's square, in pixels; smaller images are enlarged by whole factors. Default: 64. */
  readonly side?: number;
  /** Pixels between images. Default: 2. */
  readonly gap?: number;
}

/** The gray between images, distinct from both black and white. */
const BETWEEN = 96;

/** Images in a grid, each fitted into a square; a missing image leaves its square empty. Throws `INVALID_ARGUMENT`. */
export function tileImages(
  images: readonly (Image | undefined)[],
  { columns, side = 64, gap = 2 }: TileOptions,
): Image {
  if (!Number.isInteger(columns) || columns < 1 || images.length === 0)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `contact sheet: ${images.length} images in ${columns} columns, expected at least one of each`,
    );
  const rows = Math.ceil(images.length / columns);
  const [width, height] = [columns * (side + gap) + gap, rows * (side + gap) + gap];
  const channels = images.some((image) => image?.channels === 3) ? 3 : 1;
  const pixels = new Uint8Array(width * height * channels).fill(BETWEEN);
  for (const [i, image] of images.entries()) {
    if (!image) continue;
    const tile = fitted(channels === 3 ? toColor(image) : image, side);
    const [left, top] = [gap + (i % columns) * (side + gap), gap + Math.floor(i / columns) * (side + gap)];
    for (let y = 0; y < side; y++) {
      const row = tile.pixels.subarray(y * side * channels, (y + 1) * side * channels);
      pixels.set(row, ((top + y) * width + left) * channels);
    }
  }
  return { width, height, channels, pixels };
}

/** Enlarges by whole factors, so that every pixel is visible, or shrinks smoothly. */
function fitted(image: Image, side: number): Image {
  const factor = Math.max(1, Math.floor(side / Math.max(image.width, image.height)));
  const { width, height, channels } = image;
  const large = { width: width * factor, height: height * factor, channels };
  const pixels = new Uint8Array(large.width * large.height * channels);
  for (let i = 0; i < pixels.length; i++) {
    const pixel = Math.floor(i / channels);
    const [x, y] = [Math.floor((pixel % large.width) / factor), Math.floor(pixel / large.width / factor)];
    pixels[i] = image.pixels[(y * width + x) * channels + (i % channels)]!;
  }
  const smaller = Math.min(1, side / Math.max(large.width, large.height));
  return place(
    { ...large, pixels },
    {
      height: side,
      width: side,
      margin: smaller < 1 ? 0 : (side - Math.max(large.width, large.height)) / 2 / side,
      fit: "contain",
      center: "box",
      fill: [BETWEEN, BETWEEN, BETWEEN],
    },
  );
}

/** Up to a number of rows of each class, evenly spaced among its images. */
export function rowsPerClass({ labels, classNames }: Dataset, perClass: number): readonly (readonly number[])[] {
  const rows: number[][] = classNames.map(() => []);
  for (const [row, label] of labels.entries()) rows[label]!.push(row);
  return rows.map((all) => {
    const count = Math.min(perClass, all.length);
    return Array.from({ length: count }, (_, i) => all[Math.floor(((i + 0.5) * all.length) / count)]!);
  });
}

/** A row of sample images for each class. Default: 16 per class. */
export function contactSheet(dataset: Dataset, perClass = 16): Image {
  const samples = rowsPerClass(dataset, perClass).flatMap((rows) =>
    Array.from({ length: perClass }, (_, i) => (rows[i] === undefined ? undefined : imageAt(dataset, rows[i]))),
  );
  return tileImages(samples, { columns: perClass });
}
