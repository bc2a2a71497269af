import { adapt } from "./adapt.ts";
import type { Dataset } from "./dataset.ts";
import { checkImageOptions, type Image, type ImageOptions } from "./image.ts";

/** The data set with every image brought to a size and channels, as if it had been read so. Throws `INVALID_ARGUMENT`. */
export function reshape(dataset: Dataset, options: ImageOptions): Dataset {
  checkImageOptions(options);
  const [oldHeight, oldWidth, oldChannels] = dataset.imageShape;
  const [height, width] = options.resize ?? [oldHeight, oldWidth];
  const channels = options.channels ?? oldChannels;
  if (height === oldHeight && width === oldWidth && channels === oldChannels) return dataset;
  const [oldSize, size] = [oldHeight * oldWidth * oldChannels, height * width * channels];
  const images = new Uint8Array(dataset.labels.length * size);
  for (let row = 0; row < dataset.labels.length; row++) {
    const pixels = dataset.images.subarray(row * oldSize, (row + 1) * oldSize);
    const image: Image = { height: oldHeight, width: oldWidth, channels: oldChannels as Image["channels"], pixels };
    images.set(adapt(image, options).pixels, row * size);
  }
  return { ...dataset, images, imageShape: [height, width, channels] };
}
