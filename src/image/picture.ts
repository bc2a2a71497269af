import { InklingError } from "../base/error.ts";
import { formatShape } from "../base/shape.ts";
import type { Image, ValueRange } from "./image.ts";
import { checkPixels, pictureTypes } from "./pixels.ts";
import { BYTE, levelOf, WORD } from "./valueRange.ts";

/**
 * A picture of any size, such as a canvas's `ImageData`: pixels [H, W, C], row-major, 0 … 255, or 0 … 65535 in a
 * `Uint16Array`. C is 1 (gray), 2 (gray and alpha), 3 (RGB) or 4 (RGBA), with alpha not premultiplied. Default of
 * `channels`: data.length / (H·W).
 */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels?: number;
  readonly data: Uint8Array | Uint8ClampedArray | Uint16Array;
}

/** A picture that passed {@link checkPicture}. */
export interface CheckedPicture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
  readonly data: Picture["data"];
}

/**
 * Checks a picture and fills in its number of channels. Throws `INVALID_SHAPE` if its size and its bytes do not match,
 * `INVALID_ARGUMENT` for data in an array of another type.
 */
export function checkPicture({ width, height, channels, data }: Picture): CheckedPicture {
  checkPixels("picture: data", data, pictureTypes);
  const sides = [height, width];
  if (!sides.every((side) => Number.isInteger(side) && side > 0))
    throw new InklingError(
      "INVALID_SHAPE",
      `picture: it is ${formatShape(sides)}, expected a height and a width above 0`,
    );
  const found = channels ?? data.length / (height * width);
  if (data.length !== height * width * found || ![1, 2, 3, 4].includes(found))
    throw new InklingError(
      "INVALID_SHAPE",
      `picture: it has ${data.length} bytes for a height of ${height}, a width of ${width} and ${channels ?? "unstated"} channels; expected height · width · channels of them, with 1 to 4 channels`,
    );
  return { width, height, channels: found as CheckedPicture["channels"], data };
}

/** A picture with a byte per value. */
export interface BytePicture extends CheckedPicture {
  readonly data: Uint8Array | Uint8ClampedArray;
}

/**
 * Converts the values of a picture to bytes: those of 16 bits to v / 257, or those of a range to 0 … 255; rounded. Alpha
 * has the full range of its type. A range beyond 255 is one of 16-bit values, so bytes are taken as they are.
 */
export function toBytes(picture: CheckedPicture, range?: ValueRange): BytePicture {
  const { channels, data } = picture;
  const full = data instanceof Uint16Array ? WORD : BYTE;
  if (full === BYTE && (range === undefined || range[1] > BYTE)) return picture as BytePicture;
  const level = levelOf(range ?? [0, full]);
  const alpha = levelOf([0, full]);
  const isAlpha = channels % 2 === 0 ? channels - 1 : -1;
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = (i % channels === isAlpha ? alpha : level)(data[i]!);
  return { ...picture, data: bytes };
}

/** Composites a picture onto black (0) or white (255): each color c with alpha a is (c·a + behind·(255 − a)) / 255. */
export function composite({ width, height, channels, data }: BytePicture, behind: 0 | 255): Image {
  const colors = channels >= 3 ? 3 : 1;
  if (channels === colors) return { width, height, channels: colors, pixels: bytesOf(data) };
  const pixels = new Uint8Array(width * height * colors);
  for (let i = 0, at = 0; i < pixels.length; at++) {
    const alpha = data[at + colors]!;
    const under = behind * (255 - alpha) + 127;
    for (let c = 0; c < colors; c++) pixels[i++] = (data[at++]! * alpha + under) / 255;
  }
  return { width, height, channels: colors, pixels };
}

const bytesOf = (data: BytePicture["data"]): Uint8Array =>
  data instanceof Uint8Array ? data : new Uint8Array(data.buffer, data.byteOffset, data.length);
