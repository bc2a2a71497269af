import { Transformer } from "@napi-rs/image";
import { claimedSize } from "../claimedSize.ts";
import type { Image } from "../image.ts";
import { orientationOf } from "../orientation.ts";
import { checkPictureFile, decodePicture } from "./decodePicture.ts";

/**
 * A PNG, JPEG or WebP image, told by its content: 16 bits a sample are rounded to 8, what is transparent lies on
 * white, palettes are looked up, the EXIF orientation is applied, and an image whose every pixel is grey has one
 * channel however it was stored. Throws `INVALID_DATA`, saying what is wrong, without the name, which the caller knows.
 */
export function decodeImage(bytes: Uint8Array): Image {
  checkPictureFile(bytes);
  const plain = decodePlainGrey(bytes);
  if (plain) return plain;
  const { width, height, channels, data } = decodePicture(bytes);
  const pixels = channels === 2 || channels === 4 ? onWhite(data, channels) : data;
  if (channels < 3) return { width, height, channels: 1, pixels };
  return isGrey(pixels)
    ? { width, height, channels: 1, pixels: firstOfThree(pixels) }
    : { width, height, channels: 3, pixels };
}

/**
 * A PNG whose header says 8-bit grey, upright. Most data sets are of such images, and to ask for the metadata would take as long
 * again as to decode them.
 */
function decodePlainGrey(bytes: Uint8Array): Image | undefined {
  if (bytes[0] !== 0x89 || bytes.length < 33 || bytes[24] !== 8 || bytes[25] !== 0) return undefined;
  if ((orientationOf(bytes) ?? 1) !== 1) return undefined;
  const [height, width] = claimedSize(bytes)!;
  try {
    const pixels = new Transformer(bytes).rawPixelsSync();
    return pixels.length === width * height ? { width, height, channels: 1, pixels } : undefined;
  } catch {
    return undefined; // decodePicture says what is wrong
  }
}

/** Each colour c over white at opacity a, (c·a + 255·(255 − a)) / 255 rounded; the alpha sample is left out. */
function onWhite(raw: Uint8Array, samples: number): Uint8Array {
  const colours = samples - 1;
  const result = new Uint8Array((raw.length / samples) * colours);
  for (let i = 0; i < result.length; i++) {
    const pixel = Math.floor(i / colours) * samples;
    const alpha = raw[pixel + colours]!;
    result[i] = Math.round((raw[pixel + (i % colours)]! * alpha) / 255 + 255 - alpha);
  }
  return result;
}

/** One of the three equal samples of each pixel. */
function firstOfThree(rgb: Uint8Array): Uint8Array {
  const grey = new Uint8Array(rgb.length / 3);
  for (let i = 0; i < grey.length; i++) grey[i] = rgb[i * 3]!;
  return grey;
}

function isGrey(rgb: Uint8Array): boolean {
  for (let i = 0; i < rgb.length; i += 3) if (rgb[i] !== rgb[i + 1] || rgb[i] !== rgb[i + 2]) return false;
  return true;
}
