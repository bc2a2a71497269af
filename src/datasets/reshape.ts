import { adapt } from "../image/adapt.ts";
import { checkImageOptions, type ImageOptions, imageAt } from "../image/image.ts";
import type { Dataset } from "./dataset.ts";
import { allocateImages } from "./imageRows.ts";

/**
 * Converts every image to a size and number of channels, as if the data set had been read with these options. Throws
 * `INVALID_ARGUMENT` for invalid options, and `INVALID_DATA` unless the images have 1 or 3 channels.
 */
export function reshape(dataset: Dataset, options: ImageOptions): Dataset {
  checkImageOptions(options);
  const [oldHeight, oldWidth, oldChannels] = dataset.imageShape;
  const [height, width] = options.resize ?? [oldHeight, oldWidth];
  const channels = options.channels ?? oldChannels;
  if (height === oldHeight && width === oldWidth && channels === oldChannels) return dataset;
  const size = height * width * channels;
  const images = allocateImages(dataset.labels.length * size);
  for (let row = 0; row < dataset.labels.length; row++)
    images.set(adapt(imageAt(dataset, row), options).pixels, row * size);
  const { resize, fit = "stretch" } = options;
  const before = dataset.conversion;
  const from = before?.resize ? {} : { from: [oldHeight, oldWidth] as const };
  const conversion = { ...before, ...(resize && { resize: { fit, ...from } }) };
  return { ...dataset, images, imageShape: [height, width, channels], conversion };
}
