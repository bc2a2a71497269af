import { InklingError } from "../../base/error.ts";
import { adapt } from "../adapt.ts";
import type { Image, ImageOptions } from "../image.ts";
import type { Batch, Decoded } from "./batch.ts";
import { decodeImage } from "./decodeImage.ts";

/** Decodes a batch, and brings each image to what the options want. */
export function decodeBatch({ bytes, ends }: Batch, options: ImageOptions): Decoded {
  const images = Array.from(ends, (end, i) => decodeFile(bytes.subarray(i === 0 ? 0 : ends[i - 1]!, end), options));
  const sizes = images.map((image) => (typeof image === "string" ? 0 : image.pixels.length));
  const pixels = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  const shapes = new Uint32Array(3 * images.length);
  let at = 0;
  for (const [i, image] of images.entries()) {
    if (typeof image === "string") continue;
    pixels.set(image.pixels, at);
    shapes.set([image.height, image.width, image.channels], 3 * i);
    at += image.pixels.length;
  }
  return { pixels, shapes, reasons: images.filter((image) => typeof image === "string") };
}

/** An image as the options want it, or why there is none. */
export function decodeFile(bytes: Uint8Array, options: ImageOptions): Image | string {
  try {
    return adapt(decodeImage(bytes), options);
  } catch (error) {
    if (error instanceof InklingError) return error.message;
    throw error;
  }
}
