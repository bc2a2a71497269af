import type { Dataset } from "./dataset.ts";
import { splitDataset } from "./split.ts";

/**
 * Numbers of rows chosen at random by seed (default: 1), with the classes in the proportions of the whole: `size` as
 * in {@link splitDataset}, a share up to 1 or a number of images. Whole groups, where there are any, to within one or
 * so. Throws `INVALID_ARGUMENT`.
 */
export const sampleRows = (dataset: Dataset, size: number, seed = 1): Uint32Array =>
  splitDataset(dataset, { training: size, validation: 0, test: 0, seed }).training.sort();
