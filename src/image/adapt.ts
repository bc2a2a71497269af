import { type Image, type ImageOptions, toColour, toGrey } from "./image.ts";
import { resize } from "./resize.ts";

/** The image as the options want it: its channels first, then its size. */
export function adapt(image: Image, options: ImageOptions): Image {
  const { channels, resize: size } = options;
  const converted = channels === 1 ? toGrey(image) : channels === 3 ? toColour(image) : image;
  return size ? resize(converted, size) : converted;
}
