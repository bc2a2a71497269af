import { concatBytes } from "../base/bytes.ts";
import { InklingError } from "../base/error.ts";
import { adapt } from "./adapt.ts";
import { asImage, decodePicture } from "./decode.ts";
import { type Decoder, loadDecoder } from "./decoder.ts";
import type { Image, ImageOptions } from "./image.ts";
import { type Stored, storedIn } from "./stored.ts";

/** An image, and what its file stores. */
export interface DecodedImage extends Image {
  readonly stored: Stored;
}

/** The result for each image file, in order: the image, or the reason why it could not be decoded. */
export type Images = readonly (DecodedImage | string)[];

/** Image files, concatenated, and the options for their images: the message sent to a thread. */
export interface Batch {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each file ends. */
  readonly ends: Uint32Array<ArrayBuffer>;
  readonly options: ImageOptions;
}

/** The images of a batch, concatenated: the message received from a thread. */
export interface DecodedBatch {
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** Shape [files, 3]: height, width and channels; zeros for a file that is not a readable image. */
  readonly shapes: Uint32Array<ArrayBuffer>;
  /** What each readable file stores, in order. */
  readonly stored: readonly Stored[];
  /** The reason for each file that is not readable, in order. */
  readonly reasons: readonly string[];
}

/** Decodes files and applies the options to each image. */
export function decodeFiles(decoder: Decoder, files: readonly Uint8Array[], options: ImageOptions): Images {
  return files.map((bytes) =>
    imageOrReason(() => {
      const picture = decodePicture(decoder, bytes, options);
      const image = asImage(picture, options.valueRange);
      return { ...adapt(image, options), stored: storedIn(picture, image) };
    }),
  );
}

/** The image that `decode` returns, or the reason why it does not. Throws `UNSUPPORTED` where the reason is the machine. */
export function imageOrReason(decode: () => DecodedImage): DecodedImage | string {
  try {
    return decode();
  } catch (error) {
    if (error instanceof InklingError && error.code !== "UNSUPPORTED") return error.message;
    throw error;
  }
}

/** Makes a batch of files. */
export function batchOf(files: readonly Uint8Array[], all: ImageOptions): Batch {
  const { resize, fit, channels, valueRange, keepDamaged } = all;
  let end = 0;
  const ends = Uint32Array.from(files, (bytes) => (end += bytes.length));
  const options = {
    ...(resize && { resize }),
    ...(fit && { fit }),
    ...(channels && { channels }),
    ...(valueRange && { valueRange }),
    ...(keepDamaged && { keepDamaged }),
  };
  return { bytes: concatBytes(files), ends, options };
}

/** Decodes a batch, in a thread. */
export async function decodeBatch({ bytes, ends, options }: Batch): Promise<DecodedBatch> {
  const files = Array.from(ends, (end, i) => bytes.subarray(i === 0 ? 0 : ends[i - 1]!, end));
  const images = decodeFiles(await loadDecoder(), files, options);
  const decoded = images.filter((image) => typeof image !== "string");
  const shapes = images.flatMap((image) =>
    typeof image === "string" ? [0, 0, 0] : [image.height, image.width, image.channels],
  );
  return {
    pixels: concatBytes(decoded.map(({ pixels }) => pixels)),
    shapes: Uint32Array.from(shapes),
    stored: decoded.map(({ stored }) => stored),
    reasons: images.filter((image) => typeof image === "string"),
  };
}

/** The images of a decoded batch, as views of its pixels. */
export function imagesOf({ pixels, shapes, stored, reasons }: DecodedBatch): Images {
  const images: (DecodedImage | string)[] = [];
  let [at, decoded, failed] = [0, 0, 0];
  for (let i = 0; i < shapes.length; i += 3) {
    const [height, width, channels] = [shapes[i]!, shapes[i + 1]!, shapes[i + 2]!];
    const size = height * width * channels;
    if (size === 0) {
      images.push(reasons[failed++]!);
      continue;
    }
    const view = pixels.subarray(at, (at += size));
    images.push({ height, width, channels: channels === 3 ? 3 : 1, pixels: view, stored: stored[decoded++]! });
  }
  return images;
}
