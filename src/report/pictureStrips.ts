import { toBase64 } from "../base/bytes.ts";
import { encodePng } from "../image/encodePng.ts";
import { type Image, toColor } from "../image/image.ts";
import { place } from "../image/place.ts";

/** Images as PNG files of square tiles below one another, for {@link Pictures}. */
export interface PictureStrips {
  /** Height and width of a tile, in pixels. */
  readonly side: number;
  readonly perStrip: number;
  /** Data URLs. */
  readonly strips: readonly string[];
  /** How many of the images they hold: the first ones. */
  readonly count: number;
}

/** Larger images are shrunk to this height and width. */
const LARGEST = 48;
/** Browsers draw pictures of more pixels in height slowly, or not at all. */
const TALLEST = 4096;
/** Fewer gray levels, which cannot be told apart at this size, take a quarter less space. */
const LEVELS = 32;

const levels = Uint8Array.from({ length: 256 }, (_, value) => {
  const level = Math.round((value * (LEVELS - 1)) / 255);
  return Math.round((level * 255) / (LEVELS - 1));
});

/**
 * As many of the images, from the first on, as fit into `budget` bytes of data URLs. An image that is not square is centered
 * in its tile, and continued by the pixels at its edges.
 */
export function pictureStrips(count: number, imageOf: (place: number) => Image, budget: number): PictureStrips {
  const first = count > 0 ? imageOf(0) : undefined;
  const side = first ? Math.min(LARGEST, Math.max(first.height, first.width)) : 1;
  const perStrip = Math.floor(TALLEST / side);
  const strips: string[] = [];
  let [done, used] = [0, 0];
  while (done < count) {
    const tiles = Array.from({ length: Math.min(perStrip, count - done) }, (_, k) => tileOf(imageOf(done + k), side));
    const channels = tiles.some((tile) => tile.channels === 3) ? 3 : 1;
    const pixels = new Uint8Array(perStrip * side * side * channels);
    for (const [k, tile] of tiles.entries())
      pixels.set(channels === 3 ? toColor(tile).pixels : tile.pixels, k * side * side * channels);
    const png = encodePng(
      pixels.map((value) => levels[value]!),
      [perStrip * side, side, channels],
    );
    const url = `data:image/png;base64,${toBase64(png)}`;
    used += url.length;
    if (used > budget && strips.length > 0) break;
    strips.push(url);
    done += tiles.length;
  }
  return { side, perStrip, strips, count: done };
}

/** An image of `side` pixels in height and width. */
const tileOf = (image: Image, side: number): Image =>
  place(image, { height: side, width: side, fit: "contain", margin: 0, center: "box", fill: "edge" });
