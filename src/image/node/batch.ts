import type { Image } from "../image.ts";

/** What became of some image files, in their order: images, or why there is none. */
export type Images = readonly (Image | string)[];

/** Some image files, one after another. */
export interface Batch {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each file ends. */
  readonly ends: Uint32Array<ArrayBuffer>;
}

/** Their images, one after another. */
export interface Decoded {
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** [files, 3], height, width and channels; zeros where a file is no readable image. */
  readonly shapes: Uint32Array<ArrayBuffer>;
  /** Why not, of each such file in order. */
  readonly reasons: readonly string[];
}

/** The images of a batch, each a view. */
export function imagesOf({ pixels, shapes, reasons }: Decoded): Images {
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
