import type { Image } from "./image.ts";
import type { CheckedPicture } from "./picture.ts";
import { BYTE, WORD } from "./valueRange.ts";

/** What an image file stores, before its values, size and channels are converted. */
export interface Stored {
  readonly height: number;
  readonly width: number;
  readonly bits: 8 | 16;
  /** The least and the greatest value; of a picture with transparent areas, the full range. */
  readonly low: number;
  readonly high: number;
  /** Whether parts of it are transparent. */
  readonly transparent: boolean;
  /** Whether it clearly has color: see {@link hasColor}. */
  readonly color: boolean;
}

/** What a picture stores, given the image that it becomes at its own size. */
export function storedIn({ width, height, channels, data }: CheckedPicture, image: Image): Stored {
  const bits = data instanceof Uint16Array ? 16 : 8;
  const opaque = bits === 16 ? WORD : BYTE;
  const alpha = channels % 2 === 0 ? channels - 1 : -1;
  let [low, high, transparent] = [opaque, 0, false];
  for (let i = 0, c = 0; i < data.length; i++) {
    const value = data[i]!;
    if (c === alpha) transparent ||= value < opaque;
    else {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    c = c + 1 === channels ? 0 : c + 1;
  }
  if (transparent) [low, high] = [0, opaque];
  return { height, width, bits, low, high, transparent, color: hasColor(image) };
}

/** A pixel has color if its largest and smallest value differ by more than this: beyond the noise of JPEG. */
const COLORED = 24;
/** An image has color if at least this share of its pixels has. */
const ENOUGH = 1 / 200;

/** Whether an image clearly has color: at least 1 in 200 of its pixels has values that differ by more than 24. */
function hasColor({ channels, pixels }: Image): boolean {
  if (channels === 1) return false;
  let colored = 0;
  for (let i = 0; i < pixels.length; i += 3) {
    const [r, g, b] = [pixels[i]!, pixels[i + 1]!, pixels[i + 2]!];
    if (Math.max(r, g, b) - Math.min(r, g, b) > COLORED) colored++;
  }
  return colored >= (ENOUGH * pixels.length) / 3;
}
