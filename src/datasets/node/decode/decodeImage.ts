import { JsColorType, Transformer } from "@napi-rs/image";
import { InklingError } from "../../../tensor/error.ts";
import type { Image } from "../../image.ts";
import { claimedSize, MAX_PIXELS } from "../../imageSize.ts";
import { orient } from "../../orient.ts";

const codes = (text: string): readonly number[] => Array.from(text, (character) => character.charCodeAt(0));
const PNG = codes("\x89PNG\r\n\x1a\n");
const JPEG = codes("\xff\xd8\xff");
const RIFF = codes("RIFF");
const WEBP = codes("WEBP");

function startsWith(bytes: Uint8Array, signature: readonly number[], at = 0): boolean {
  for (let i = 0; i < signature.length; i++) if (bytes[at + i] !== signature[i]) return false;
  return true;
}

/** What is read, told by content: the decoder knows more formats, but not the same ones on every system. */
const readable = (bytes: Uint8Array): boolean =>
  startsWith(bytes, PNG) || startsWith(bytes, JPEG) || (startsWith(bytes, RIFF) && startsWith(bytes, WEBP, 8));

/** Samples of a pixel, and whether the last is alpha, and whether each has 16 bits, by colour type. */
const layouts: Partial<Record<JsColorType, { samples: number; alpha: boolean; deep: boolean }>> = {
  [JsColorType.L8]: { samples: 1, alpha: false, deep: false },
  [JsColorType.La8]: { samples: 2, alpha: true, deep: false },
  [JsColorType.Rgb8]: { samples: 3, alpha: false, deep: false },
  [JsColorType.Rgba8]: { samples: 4, alpha: true, deep: false },
  [JsColorType.L16]: { samples: 1, alpha: false, deep: true },
  [JsColorType.La16]: { samples: 2, alpha: true, deep: true },
  [JsColorType.Rgb16]: { samples: 3, alpha: false, deep: true },
  [JsColorType.Rgba16]: { samples: 4, alpha: true, deep: true },
};

/**
 * A PNG, JPEG or WebP image, told by its content: 16 bits a sample are rounded to 8, what is transparent lies on
 * white, palettes are looked up, the EXIF orientation is applied, and an image whose every pixel is grey has one channel however it was stored.
 * Throws `INVALID_DATA`, saying what is wrong, without the name, which the caller knows.
 */
export function decodeImage(bytes: Uint8Array): Image {
  if (bytes.length === 0) throw new InklingError("INVALID_DATA", "the file is empty");
  if (!readable(bytes)) throw new InklingError("INVALID_DATA", "this is no PNG, JPEG or WebP image");
  checkPixels(bytes);
  const decoder = new Transformer(bytes);
  const plain = plainGreySize(bytes);
  const raw = damagedIfThrows(() => decoder.rawPixelsSync());
  // Most data sets are of such images, and to ask for the metadata would take as long again.
  if (plain && raw.length === plain.width * plain.height) return { ...plain, channels: 1, pixels: raw };
  const { width, height, colorType, orientation } = damagedIfThrows(() => decoder.metadataSync(true));
  const layout = layouts[colorType];
  if (!layout) throw new InklingError("INVALID_DATA", `images of colour type ${JsColorType[colorType]} are not read`);
  const flat = layout.deep ? toBytes(raw) : raw;
  const samples = layout.alpha ? onWhite(flat, layout.samples) : flat;
  if (layout.samples < 3) return orient({ width, height, channels: 1, pixels: samples }, orientation);
  return isGrey(samples)
    ? orient({ width, height, channels: 1, pixels: samples.filter((_, i) => i % 3 === 0) }, orientation)
    : orient({ width, height, channels: 3, pixels: samples }, orientation);
}

/** Throws before memory is taken for what a small file can claim to be. */
function checkPixels(bytes: Uint8Array): void {
  const [height, width] = claimedSize(bytes) ?? [0, 0];
  if (height * width > MAX_PIXELS)
    throw new InklingError("INVALID_DATA", `the image has ${height} x ${width} pixels, more than ${MAX_PIXELS}`);
}

/** Height and width of a PNG whose header says 8-bit grey. */
function plainGreySize(bytes: Uint8Array): Pick<Image, "height" | "width"> | undefined {
  if (bytes[0] !== 0x89 || bytes.length < 33 || bytes[24] !== 8 || bytes[25] !== 0) return undefined;
  const header = new DataView(bytes.buffer, bytes.byteOffset);
  return { width: header.getUint32(16), height: header.getUint32(20) };
}

function damagedIfThrows<T>(decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    throw new InklingError("INVALID_DATA", `the image is damaged: ${(cause as Error).message}`, { cause });
  }
}

/** 16-bit samples, which the decoder gives in the machine's order, as 8-bit ones: v / 257 rounded. */
const toBytes = (raw: Uint8Array): Uint8Array =>
  Uint8Array.from(new Uint16Array(Uint8Array.from(raw).buffer), (sample) => Math.round(sample / 257));

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

function isGrey(rgb: Uint8Array): boolean {
  for (let i = 0; i < rgb.length; i += 3) if (rgb[i] !== rgb[i + 1] || rgb[i] !== rgb[i + 2]) return false;
  return true;
}
