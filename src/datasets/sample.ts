import { InklingError } from "../base/error.ts";
import type { Dataset } from "./dataset.ts";
import { splitDataset } from "./split.ts";

/**
 * Numbers of rows chosen at random by seed (default: 1), with the classes in the proportions of the whole: `size` as
 * in {@link splitDataset}, a share up to 1 or a number of images. Whole groups, where there are any, to within one or
 * so. Throws `INVALID_ARGUMENT`.
 */
export function sampleRows(dataset: Dataset, size: number, seed = 1): Uint32Array {
  const images = dataset.labels.length;
  if (!(size > 0 && (size <= 1 || (Number.isSafeInteger(size) && size <= images))))
    throw new InklingError(
      "INVALID_ARGUMENT",
      `sample: size is ${size}, expected a fraction up to 1, or a whole number of images up to ${images}, the size of the data set`,
    );
  return splitDataset(dataset, { training: size, validation: 0, test: 0, seed }).training.sort();
}
