import type { Box, Fit, Image } from "./image.ts";
import { resize } from "./resize.ts";

/** Crops an image to a box. */
export function crop(image: Image, { left, top, right, bottom }: Box): Image {
  const [width, height, { channels }] = [right - left, bottom - top, image];
  if (width === image.width && height === image.height) return image;
  const pixels = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * image.width + left) * channels;
    pixels.set(image.pixels.subarray(from, from + width * channels), y * width * channels);
  }
  return { width, height, channels, pixels };
}

/** How an image is placed in a frame. */
export interface Placing {
  readonly height: number;
  readonly width: number;
  readonly fit: Fit;
  /** The margin on each side of the frame, as a fraction of the frame's height or width: 0 ≤ margin < 0.5. */
  readonly margin: number;
  /** What is placed at the center of the frame: the center of the image, or its center of mass. */
  readonly center: "box" | "mass";
  /** The color of the rest of the frame, one value per channel; `edge` continues the image's outermost pixels. */
  readonly fill: readonly number[] | "edge";
}

/** Places an image in a frame, inside the margin. */
export function place(image: Image, { height, width, fit, margin, center, fill }: Placing): Image {
  const free = { height: height * (1 - 2 * margin), width: width * (1 - 2 * margin) };
  const taken = fit === "cover" ? crop(image, middleOf(image, free)) : image;
  const scale = Math.min(free.height / taken.height, free.width / taken.width);
  const side = (own: number, most: number) => Math.max(1, Math.round(fit === "contain" ? own * scale : most));
  const inner = resize(taken, [side(taken.height, free.height), side(taken.width, free.width)]);
  if (inner.height === height && inner.width === width) return inner;
  const middle =
    center === "mass"
      ? massOf(inner, fill === "edge" ? borderColor(inner) : fill)
      : { x: inner.width / 2, y: inner.height / 2 };
  const left = within(width / 2 - middle.x, width - inner.width);
  const top = within(height / 2 - middle.y, height - inner.height);
  return fill === "edge"
    ? continued(inner, { left, top, height, width })
    : onto(inner, fill, { left, top, height, width });
}

/** The largest box at the center of an image that has a frame's aspect ratio, to within a pixel. */
function middleOf({ width, height }: Image, frame: Pick<Image, "width" | "height">): Box {
  const scale = Math.min(width / frame.width, height / frame.height);
  const [w, h] = [frame.width, frame.height].map((side) => Math.max(1, Math.round(side * scale))) as [number, number];
  const [left, top] = [Math.floor((width - w) / 2), Math.floor((height - h) / 2)];
  return { left, top, right: left + w, bottom: top + h };
}

/** A frame, and the position of an image in it. */
type Frame = Pick<Image, "height" | "width"> & Pick<Box, "left" | "top">;

/** The image in a frame of one color. */
function onto(image: Image, fill: readonly number[], { height, width, left, top }: Frame): Image {
  const { channels } = image;
  const pixels = Uint8Array.from({ length: height * width * channels }, (_, i) => fill[i % channels]!);
  for (let y = 0; y < image.height; y++) {
    const row = image.pixels.subarray(y * image.width * channels, (y + 1) * image.width * channels);
    pixels.set(row, ((top + y) * width + left) * channels);
  }
  return { width, height, channels, pixels };
}

/** The image in a frame, the rest of which continues the image's outermost pixels. */
function continued(image: Image, { height, width, left, top }: Frame): Image {
  const { channels } = image;
  const pixels = new Uint8Array(height * width * channels);
  for (let y = 0, i = 0; y < height; y++) {
    const row = within(y - top, image.height - 1) * image.width;
    for (let x = 0; x < width; x++) {
      const from = (row + within(x - left, image.width - 1)) * channels;
      for (let c = 0; c < channels; c++) pixels[i++] = image.pixels[from + c]!;
    }
  }
  return { width, height, channels, pixels };
}

/** The median of each channel along the border of an image. */
export function borderColor({ width, height, channels, pixels }: Image): number[] {
  return Array.from({ length: channels }, (_, c) => {
    const border: number[] = [];
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x += y === 0 || y === height - 1 ? 1 : Math.max(1, width - 1))
        border.push(pixels[(y * width + x) * channels + c]!);
    return border.sort((a, b) => a - b)[border.length >> 1]!;
  });
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
