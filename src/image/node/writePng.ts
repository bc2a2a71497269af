import { writeFileAtomic } from "../../base/node/writeFile.ts";
import { encodePng } from "../encodePng.ts";
import type { Image } from "../image.ts";

/** Draws an SVG as a PNG file, twice as large so that it is sharp. Throws `FILE_SYSTEM`. */
export async function writeSvgAsPng(path: string, svg: string): Promise<void> {
  const { Transformer } = await import("@napi-rs/image");
  const large = svg.replace(/ width="(\d+)" height="(\d+)"/, (_, w, h) => ` width="${2 * w}" height="${2 * h}"`);
  await writeFileAtomic(path, Transformer.fromSvg(large).pngSync());
}

/** Writes an image as a PNG file. Throws `FILE_SYSTEM`. */
export const writePng = (path: string, image: Image): Promise<void> =>
  writeFileAtomic(path, encodePng(image.pixels, [image.height, image.width, image.channels]));
