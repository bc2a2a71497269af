import { InklingError, message, optionRef } from "../base/error.ts";
import { quoted } from "../base/printable.ts";

/** One decoded image: pixels [H, W, C], row-major, 0 … 255; C is 1 (gray) or 3 (RGB). */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
}

/** The shape [H, W, C] of every image in a data set. */
export type ImageShape = readonly [height: number, width: number, channels: number];

/** Images of one shape: [N, H, W, C]. */
interface ImageArray {
  readonly images: Uint8Array;
  readonly imageShape: ImageShape;
}

/** One image of a data set, as a view. Throws `INVALID_DATA` unless images have 1 or 3 channels. */
export function imageAt({ images, imageShape }: ImageArray, row: number): Image {
  const size = imageShape[0] * imageShape[1] * imageShape[2];
  return imageOf(images.subarray(row * size, (row + 1) * size), imageShape);
}

/** Pixels [H, W, C] as an image. Throws as {@link imageAt} does. */
export function imageOf(pixels: Uint8Array, [height, width, channels]: ImageShape): Image {
  if (channels === 1 || channels === 3) return { height, width, channels, pixels };
  throw new InklingError(
    "INVALID_DATA",
    `images with ${channels} channels can be used for training, but cannot be shown, scaled or converted to gray; use images with 1 or 3`,
  );
}

/** A box of pixels; `right` and `bottom` are exclusive. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The ways in which an image can fill a frame of another aspect ratio. */
export const fits = ["stretch", "contain", "cover"] as const;

/**
 * How an image fills a frame: `stretch` it; `contain` it all at its aspect ratio, centered (a letterbox); or `cover` the
 * frame with the center of the image.
 */
export type Fit = (typeof fits)[number];

/** The numbers that become black (0) and white (255): 0 … 16, for instance. */
export type ValueRange = readonly [low: number, high: number];

/** The size, channels and range of values to which images are converted when they are read. */
export interface ImageOptions {
  /** Scales every image to this height and width, in pixels. Default: images keep their size. */
  readonly resize?: readonly [height: number, width: number];
  /**
   * How images of another aspect ratio are resized. Default: `stretch`. The bars that `contain` leaves continue the
   * image's outermost pixels.
   */
  readonly fit?: Fit;
  /** 1 (gray) or 3 (RGB). Default: 3 if enough of the images have color, otherwise 1. */
  readonly channels?: 1 | 3;
  /** Whether to use what could be decoded of a damaged JPEG file; the rest is gray. Default: such files are skipped. */
  readonly keepDamaged?: boolean;
  /** The stored numbers that become black and white; those beyond are clipped. Default: found over all images. */
  readonly valueRange?: ValueRange;
}

/** Larger pictures are neither read nor created: a small file may claim one that would fill the memory. */
export const MAX_PIXELS = 2 ** 26;

/** The most bytes of a decoded picture, at the depth and with the channels of its file: 64 Mi pixels of 16-bit RGB. */
export const MAX_PICTURE_BYTES = 6 * MAX_PIXELS;

/** Throws `INVALID_ARGUMENT` for an invalid size, fit, number of channels or range. */
export function checkImageOptions({ resize: size, fit, channels, valueRange }: ImageOptions): void {
  if (size && !(size.length === 2 && size.every((extent) => Number.isInteger(extent) && extent > 0 && extent <= 65535)))
    throw new InklingError(
      "INVALID_ARGUMENT",
      message`${optionRef("resize")} is [${size.join(", ")}], expected [height, width], whole numbers from 1 to 65535`,
    );
  if (size && size[0] * size[1] > MAX_PIXELS)
    throw new InklingError(
      "INVALID_ARGUMENT",
      message`${optionRef("resize")} is [${size.join(", ")}], expected at most ${MAX_PIXELS} pixels in all`,
    );
  if (fit !== undefined && !fits.includes(fit))
    throw new InklingError(
      "INVALID_ARGUMENT",
      message`${optionRef("fit")} is ${quoted(fit)}, expected ${fits.join(", ")}`,
    );
  if (fit !== undefined && !size)
    throw new InklingError(
      "INVALID_ARGUMENT",
      message`${optionRef("fit")} applies to ${optionRef("resize")}, which is not given`,
    );
  if (channels !== undefined && channels !== 1 && channels !== 3)
    throw new InklingError(
      "INVALID_ARGUMENT",
      message`${optionRef("channels")} is ${channels}, expected 1 (gray) or 3 (RGB)`,
    );
  if (valueRange && !(valueRange.length === 2 && valueRange.every(Number.isFinite) && valueRange[0] < valueRange[1]))
    throw new InklingError(
      "INVALID_ARGUMENT",
      message`${optionRef("valueRange")} is [${valueRange.join(", ")}], expected [low, high], with low below high`,
    );
}

/** The extent that the longer side of a picture should have at most for a training on a processor. */
const USUAL = 128;

/** A size of about the same aspect ratio whose sides are at most 128 pixels; the size itself if they are. */
export function smallerSize([height, width]: readonly [number, number]): [height: number, width: number] {
  const scale = Math.min(1, USUAL / Math.max(height, width));
  const scaled = (extent: number) => Math.max(1, Math.round(extent * scale));
  return [scaled(height), scaled(width)];
}

/** The side of the squares that pictures of different sizes are best resized to, where these are not smaller. */
const COMMON = 64;

/** The error for images that must have one size, and do not. */
export class UnequalSizes extends InklingError {
  /** A size that all of them can have: a square, since their aspect ratios differ too. */
  readonly common: readonly [height: number, width: number];

  constructor(first: Sized, other: Sized) {
    const side = Math.min(COMMON, Math.max(first.height, first.width));
    super(
      "INVALID_DATA",
      message`${other.name} has ${other.height} x ${other.width} pixels (height x width), and ${first.name} has ${first.height} x ${first.width}; all images must have the same size: scale them with ${optionRef("resize", [side, side])}, for example`,
    );
    this.common = [side, side];
  }
}

interface Sized {
  readonly name: string;
  readonly height: number;
  readonly width: number;
}

/** Converts an image to gray by the luma of Rec. 601, (299 R + 587 G + 114 B) / 1000, rounded, as in JPEG and Pillow. */
export function toGray(image: Image): Image {
  if (image.channels === 1) return image;
  const pixels = new Uint8Array(image.width * image.height);
  for (let i = 0, at = 0; i < pixels.length; i++, at += 3) {
    const sum = 299 * image.pixels[at]! + 587 * image.pixels[at + 1]! + 114 * image.pixels[at + 2]!;
    pixels[i] = Math.floor((sum + 500) / 1000);
  }
  return { ...image, channels: 1, pixels };
}

/** Converts an image to three channels; those of a gray image are equal. */
export function toColor(image: Image): Image {
  if (image.channels === 3) return image;
  const pixels = new Uint8Array(image.pixels.length * 3);
  for (const [i, gray] of image.pixels.entries()) pixels.fill(gray, i * 3, i * 3 + 3);
  return { ...image, channels: 3, pixels };
}
