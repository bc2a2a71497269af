import { writeFileAtomic } from "../../base/node/writeFile.ts";
import { encodePng } from "../encodePng.ts";
import type { Image } from "../image.ts";

/** Renders an SVG to a PNG file at twice its size, so that it looks sharp. Throws `FILE_SYSTEM`. */
export async function writeSvgAsPng(path: string, svg: string): Promise<void> {
  const { Transformer } = await import("@napi-rs/image");
  const large = svg.replace(/ width="(\d+)" height="(\d+)"/, (_, w, h) => ` width="${2 * w}" height="${2 * h}"`);
  await writeFileAtomic(path, Transformer.fromSvg(large).pngSync());
}

/** Writes an image to a PNG file. Throws `FILE_SYSTEM`. */
export const writePng = (path: string, image: Image): Promise<void> =>
  writeFileAtomic(path, encodePng(image.pixels, [image.height, image.width, image.channels]));
