import { InklingError } from "../base/error.ts";
import type { Decoder } from "./decoder.ts";
import { claimedSize, orientationOf } from "./header.ts";
import { type Image, MAX_PIXELS } from "./image.ts";
import type { CheckedPicture } from "./picture.ts";

/** Deflate, PNG's compression, expands one byte to at most 1032 bytes, of eight 1-bit pixels each. */
const MAX_PIXELS_PER_BYTE = 1032 * 8;

const startsWith = (bytes: Uint8Array, at: number, text: string): boolean =>
  [...text].every((character, i) => bytes[at + i] === character.charCodeAt(0));

const isReadable = (bytes: Uint8Array): boolean =>
  startsWith(bytes, 0, "\x89PNG\r\n\x1a\n") ||
  startsWith(bytes, 0, "\xff\xd8\xff") ||
  (startsWith(bytes, 0, "RIFF") && startsWith(bytes, 8, "WEBP"));

const invalid = (message: string): InklingError => new InklingError("INVALID_DATA", message);

/** A picture that owns its pixels. */
type DecodedPicture = CheckedPicture & { readonly data: Uint8Array };

/**
 * Decodes a PNG, JPEG or WebP picture, identified by its content. Alpha is kept, the EXIF orientation is applied, and
 * 16-bit samples are rounded to 8 bits. Throws `INVALID_DATA`; the message does not name the file, which the caller knows.
 */
export function decodePicture(decoder: Decoder, bytes: Uint8Array): DecodedPicture {
  checkPictureFile(bytes);
  const decoded = decoder.decode(bytes);
  const data = decoded.bytesPerSample === 1 ? decoded.data : roundedToBytes(decoded.data);
  const { width, height, channels } = decoded;
  return turned({ width, height, channels, data }, orientationOf(bytes) ?? 1);
}

/**
 * Decodes a PNG, JPEG or WebP image as {@link decodePicture} does, composites it onto white, and reduces it to one
 * channel if every pixel is gray, however it was stored. Throws `INVALID_DATA`; the message does not name the file,
 * which the caller knows.
 */
export function decodeImage(decoder: Decoder, bytes: Uint8Array): Image {
  const { width, height, channels, data } = decodePicture(decoder, bytes);
  const pixels = channels === 2 || channels === 4 ? onWhite(data, channels) : data;
  if (channels < 3) return { width, height, channels: 1, pixels };
  return isGray(pixels)
    ? { width, height, channels: 1, pixels: firstOfThree(pixels) }
    : { width, height, channels: 3, pixels };
}

/**
 * Throws `INVALID_DATA` if a file is not a PNG, JPEG or WebP picture, or claims more pixels than are supported or than its
 * bytes can hold: the decoder allocates memory for all of them before it decodes any.
 */
function checkPictureFile(bytes: Uint8Array): void {
  if (bytes.length === 0) throw invalid("the file is empty");
  if (!isReadable(bytes)) throw invalid("this is not a PNG, JPEG or WebP picture; convert it to one of them");
  const claimed = claimedSize(bytes);
  if (!claimed) throw invalid("the picture is damaged: its size is missing; fetch or save it again");
  const [height, width] = claimed;
  if (width * height > Math.min(MAX_PIXELS, MAX_PIXELS_PER_BYTE * bytes.length))
    throw invalid(`it claims ${width} × ${height} pixels, too many for its ${bytes.length} bytes or above the limit`);
}

/** Converts 16-bit samples to 8 bits: v / 257, rounded. */
function roundedToBytes(data: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const samples = new DataView(data.buffer);
  return Uint8Array.from({ length: data.length / 2 }, (_, i) => Math.round(samples.getUint16(2 * i, true) / 257));
}

/**
 * The picture turned upright. Orientations 5 to 8 swap rows and columns; 2, 3, 7 and 8 read each stored row backward, and
 * 3, 4, 6 and 7 each stored column.
 */
function turned(picture: DecodedPicture, orientation: number): DecodedPicture {
  if (orientation === 1) return picture;
  const { width, height, channels, data } = picture;
  const [acrossStep, acrossStart] = [2, 3, 7, 8].includes(orientation) ? [-1, width - 1] : [1, 0];
  const [downStep, downStart] = [3, 4, 6, 7].includes(orientation) ? [-width, (height - 1) * width] : [width, 0];
  const [columns, rows, columnStep, rowStep] =
    orientation < 5 ? [width, height, acrossStep, downStep] : [height, width, downStep, acrossStep];
  const result = new Uint8Array(data.length);
  for (let y = 0, to = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const from = (acrossStart! + downStart! + y * rowStep! + x * columnStep!) * channels;
      for (let c = 0; c < channels; c++) result[to++] = data[from + c]!;
    }
  return { width: columns!, height: rows!, channels, data: result };
}

/** Composites each color c with alpha a onto white, (c·a + 255·(255 − a)) / 255, rounded, and drops the alpha channel. */
function onWhite(raw: Uint8Array, samples: number): Uint8Array {
  const colors = samples - 1;
  const result = new Uint8Array((raw.length / samples) * colors);
  for (let from = 0, to = 0; from < raw.length; from += samples) {
    const alpha = raw[from + colors]!;
    for (let c = 0; c < colors; c++) result[to++] = Math.round((raw[from + c]! * alpha) / 255 + 255 - alpha);
  }
  return result;
}

/** The first of the three equal samples of each pixel. */
function firstOfThree(rgb: Uint8Array): Uint8Array {
  const gray = new Uint8Array(rgb.length / 3);
  for (let i = 0; i < gray.length; i++) gray[i] = rgb[i * 3]!;
  return gray;
}

function isGray(rgb: Uint8Array): boolean {
  for (let i = 0; i < rgb.length; i += 3) if (rgb[i] !== rgb[i + 1] || rgb[i] !== rgb[i + 2]) return false;
  return true;
}
