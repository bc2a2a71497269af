import { Transformer } from "@napi-rs/image";
import { type Image, toColour } from "../../image.ts";
import { writeFileAtomic } from "../../node/writeFile.ts";

/** The image as a PNG file's bytes. */
export function encodePng(image: Image): Uint8Array {
  const { width, height, pixels } = toColour(image);
  const rgba = new Uint8Array(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) rgba.set(pixels.subarray(i * 3, i * 3 + 3), i * 4);
  return Transformer.fromRgbaPixels(rgba, width, height).pngSync();
}

/** Draws an SVG as a PNG file, twice as large so that it is sharp. Throws `FILE_SYSTEM`. */
export function writeSvgAsPng(path: string, svg: string): Promise<void> {
  const large = svg.replace(/ width="(\d+)" height="(\d+)"/, (_, w, h) => ` width="${2 * w}" height="${2 * h}"`);
  return writeFileAtomic(path, Transformer.fromSvg(large).pngSync());
}

/** Writes an image as a PNG file. Throws `FILE_SYSTEM`. */
export const writePng = (path: string, image: Image): Promise<void> => writeFileAtomic(path, encodePng(image));
