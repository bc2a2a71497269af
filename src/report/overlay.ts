import type { ClassActivationMap } from "../evaluation/index.ts";
import { type Image, toColor } from "../image/image.ts";
import { resize } from "../image/resize.ts";

/** The height and width of drawings, in pixels. */
export const OVERLAY_SIDE = 72;
/** The colors of what speaks for a class and against it, and how much of them the strongest places have. */
const [FOR, AGAINST] = [
  [255, 96, 32],
  [48, 120, 255],
] as const;
const STRONGEST = 0.75;

/** An image in gray with a map in color over it; the strongest value of the map, for or against, has the full color. */
export function overlay(image: Image, { height, width, values }: ClassActivationMap): Image {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  // As bytes with 0 at 128, so that the map is enlarged as images are.
  const bytes = Uint8Array.from(values, (value) => 128 + Math.round((127 * value) / largest));
  const map = resize({ height, width, channels: 1, pixels: bytes }, [OVERLAY_SIDE, OVERLAY_SIDE]).pixels;
  const below = toColor(resize(image, [OVERLAY_SIDE, OVERLAY_SIDE])).pixels;
  const pixels = new Uint8Array(below.length);
  for (let p = 0; p < map.length; p++) {
    const value = (map[p]! - 128) / 127;
    const share = STRONGEST * Math.abs(value);
    const color = value > 0 ? FOR : AGAINST;
    const gray = (below[3 * p]! + below[3 * p + 1]! + below[3 * p + 2]!) / 3;
    // Black and white are drawn less strongly, so that colors show on both.
    const calm = 40 + (gray * 175) / 255;
    for (let c = 0; c < 3; c++) pixels[3 * p + c] = Math.round((1 - share) * calm + share * color[c]!);
  }
  return { height: OVERLAY_SIDE, width: OVERLAY_SIDE, channels: 3, pixels };
}
