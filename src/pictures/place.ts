import type { Image } from "../image/image.ts";
import { resize } from "../image/resize.ts";
import type { Box } from "./components.ts";
import type { Preparation } from "./preparation.ts";

/** Crops an image to a box. */
export function crop(image: Image, { left, top, right, bottom }: Box): Image {
  const [width, height, { channels }] = [right - left, bottom - top, image];
  const pixels = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * image.width + left) * channels;
    pixels.set(image.pixels.subarray(from, from + width * channels), y * width * channels);
  }
  return { width, height, channels, pixels };
}

/** How a picture is placed in a model's input frame. */
export interface Placing extends Pick<Preparation, "fit" | "margin" | "center"> {
  readonly height: number;
  readonly width: number;
  /** The color of the rest of the frame, one value per channel. */
  readonly fill: readonly number[];
}

/** Places a picture in a frame, inside the margin: stretched to fill it, or centered with its aspect ratio preserved. */
export function place(image: Image, { height, width, fit, margin, center, fill }: Placing): Image {
  const free = { height: height * (1 - 2 * margin), width: width * (1 - 2 * margin) };
  const scale = Math.min(free.height / image.height, free.width / image.width);
  const side = (own: number, most: number) => Math.max(1, Math.round(fit === "stretch" ? most : own * scale));
  const inner = resize(image, [side(image.height, free.height), side(image.width, free.width)]);
  if (inner.height === height && inner.width === width) return inner;
  const { channels } = inner;
  const pixels = Uint8Array.from({ length: height * width * channels }, (_, i) => fill[i % channels]!);
  const middle = center === "mass" ? massOf(inner, fill) : { x: inner.width / 2, y: inner.height / 2 };
  const left = within(width / 2 - middle.x, width - inner.width);
  const top = within(height / 2 - middle.y, height - inner.height);
  for (let y = 0; y < inner.height; y++) {
    const row = inner.pixels.subarray(y * inner.width * channels, (y + 1) * inner.width * channels);
    pixels.set(row, ((top + y) * width + left) * channels);
  }
  return { width, height, channels, pixels };
}

const within = (offset: number, most: number): number => Math.min(most, Math.max(0, Math.round(offset)));

/** The center of mass, in pixels, weighted by the difference from the fill; the middle of the image if nothing differs. */
export function massOf(
  { width, height, channels, pixels }: Image,
  fill: readonly number[],
): { readonly x: number; readonly y: number } {
  let [mass, x, y] = [0, 0, 0];
  for (const [i, value] of pixels.entries()) {
    const pixel = Math.floor(i / channels);
    const weight = Math.abs(value - fill[i % channels]!);
    mass += weight;
    x += weight * ((pixel % width) + 0.5);
    y += weight * (Math.floor(pixel / width) + 0.5);
  }
  return mass === 0 ? { x: width / 2, y: height / 2 } : { x: x / mass, y: y / mass };
}
