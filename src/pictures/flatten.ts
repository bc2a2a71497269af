import type { Image } from "../image/image.ts";
import type { CheckedPicture } from "../image/picture.ts";

/** Pixels with less alpha are transparent. */
const OPAQUE = 128;

/** Removes the alpha channel by compositing onto white or black. `did` says which; it is absent if there was no alpha. */
export function flatten(picture: CheckedPicture): { readonly image: Image; readonly did?: string } {
  const { width, height, channels, data } = picture;
  const colors = channels >= 3 ? 3 : 1;
  if (channels === colors) return { image: { width, height, channels: colors, pixels: Uint8Array.from(data) } };
  const behind = backgroundFor(picture);
  const pixels = new Uint8Array(width * height * colors);
  for (let i = 0, at = 0; i < pixels.length; at++) {
    const alpha = data[at + colors]!;
    const under = behind * (255 - alpha) + 127;
    for (let c = 0; c < colors; c++) pixels[i++] = (data[at++]! * alpha + under) / 255;
  }
  const image = { width, height, channels: colors, pixels } as const;
  return { image, did: `composited onto ${behind === 0 ? "black" : "white"}, because parts of it are transparent` };
}

/**
 * White, as when data sets are read, unless the picture is a light shape on a transparent background, which would be
 * invisible on white: most of its border is transparent, and the opaque part is lighter than middle gray.
 */
function backgroundFor({ width, height, channels, data }: CheckedPicture): 0 | 255 {
  let [border, clear, light, opaque] = [0, 0, 0, 0];
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at += channels) {
      const alpha = data[at + channels - 1]!;
      const edge = x === 0 || y === 0 || x === width - 1 || y === height - 1;
      if (edge) border++;
      if (edge && alpha < OPAQUE) clear++;
      const luma = channels === 2 ? data[at]! : 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
      light += luma * alpha;
      opaque += alpha;
    }
  return clear > border / 2 && light > 127.5 * opaque ? 0 : 255;
}
