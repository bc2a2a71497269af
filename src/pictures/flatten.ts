import type { Image } from "../image/image.ts";
import { type BytePicture, composite } from "../image/picture.ts";

/** Pixels with less alpha are transparent. */
const OPAQUE = 128;

/** An image without alpha; `did` says what was behind the picture, and is absent if it had no alpha. */
interface Flattened {
  readonly image: Image;
  readonly did?: string;
}

/** Composites a picture onto white, or onto black if it would be invisible on white. */
export const flatten = (picture: BytePicture): Flattened => onto(picture, backgroundFor(picture));

/** Composites a picture onto black (0) or white (255). */
export function onto(picture: BytePicture, behind: 0 | 255): Flattened {
  const image = composite(picture, behind);
  if (picture.channels % 2 === 1) return { image };
  return {
    image,
    did: `composited onto ${behind === 0 ? "black" : "white"}, because parts of it are transparent`,
  };
}

/**
 * White, as when data sets are read, unless the picture is a light shape on a transparent background, which would be
 * invisible on white: most of its border is transparent, and the opaque part is lighter than middle gray.
 */
function backgroundFor({ width, height, channels, data }: BytePicture): 0 | 255 {
  if (channels % 2 === 1) return 255;
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
