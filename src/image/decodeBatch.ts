import { concatBytes } from "../base/bytes.ts";
import { InklingError } from "../base/error.ts";
import { decodeImage } from "./decode.ts";
import { type Decoder, loadDecoder } from "./decoder.ts";
import type { Image, ImageOptions } from "./image.ts";
import { adapt } from "./resize.ts";

/** What became of some image files, in their order: images, or why there is none. */
export type Images = readonly (Image | string)[];

/** Some image files, one after another, and what their images are brought to: as it is sent to a thread. */
export interface Batch {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each file ends. */
  readonly ends: Uint32Array<ArrayBuffer>;
  readonly options: ImageOptions;
}

/** Their images, one after another: as it comes from a thread. */
export interface DecodedBatch {
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** [files, 3], height, width and channels; zeros where a file is not a readable image. */
  readonly shapes: Uint32Array<ArrayBuffer>;
  /** Why not, of each such file in order. */
  readonly reasons: readonly string[];
}

/** Each image as the options want it, or why there is none. */
export function decodeFiles(decoder: Decoder, files: readonly Uint8Array[], options: ImageOptions): Images {
  return files.map((bytes) => {
    try {
      return adapt(decodeImage(decoder, bytes), options);
    } catch (error) {
      if (error instanceof InklingError) return error.message;
      throw error;
    }
  });
}

/** Files as a batch. */
export function batchOf(files: readonly Uint8Array[], { resize, channels }: ImageOptions): Batch {
  let end = 0;
  const ends = Uint32Array.from(files, (bytes) => (end += bytes.length));
  return { bytes: concatBytes(files), ends, options: { ...(resize && { resize }), ...(channels && { channels }) } };
}

/** What a thread does with a batch: decodes it. */
export async function decodeBatch({ bytes, ends, options }: Batch): Promise<DecodedBatch> {
  const files = Array.from(ends, (end, i) => bytes.subarray(i === 0 ? 0 : ends[i - 1]!, end));
  const images = decodeFiles(await loadDecoder(), files, options);
  const pixels = concatBytes(images.map((image) => (typeof image === "string" ? new Uint8Array() : image.pixels)));
  const shapes = images.flatMap((image) =>
    typeof image === "string" ? [0, 0, 0] : [image.height, image.width, image.channels],
  );
  return { pixels, shapes: Uint32Array.from(shapes), reasons: images.filter((image) => typeof image === "string") };
}

/** The images of a batch, each a view. */
export function imagesOf({ pixels, shapes, reasons }: DecodedBatch): Images {
  const images: (Image | string)[] = [];
  let [at, failed] = [0, 0];
  for (let i = 0; i < shapes.length; i += 3) {
    const [height, width, channels] = [shapes[i]!, shapes[i + 1]!, shapes[i + 2]!];
    const size = height * width * channels;
    if (size === 0) images.push(reasons[failed++]!);
    else images.push({ height, width, channels: channels === 3 ? 3 : 1, pixels: pixels.subarray(at, (at += size)) });
  }
  return images;
}
