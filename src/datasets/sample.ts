import { InklingError, message, optionRef } from "../base/error.ts";
import { checkFields, type Dataset } from "./dataset.ts";
import { splitDataset } from "./split.ts";

/**
 * Chooses rows at random, determined by the seed (default: 1), with the class proportions of the whole. `size` is a
 * fraction up to 1 or a number of images, as in {@link splitDataset}. If the data set has groups, whole groups are chosen,
 * so the size is met only to within about a group. Rows are in ascending order. Throws `INVALID_ARGUMENT`.
 */
export function sampleRows(dataset: Dataset, size: number, seed = 1): Uint32Array {
  checkFields(dataset);
  const images = dataset.labels.length;
  if (!(size > 0 && (size <= 1 || (Number.isSafeInteger(size) && size <= images))))
    throw new InklingError(
      "INVALID_ARGUMENT",
      message`sample: ${optionRef("size")} is ${size}, expected a fraction up to 1, or a whole number of images up to ${images}, the size of the data set`,
    );
  return splitDataset(dataset, { training: size, validation: 0, test: 0, seed }).training.sort();
}
