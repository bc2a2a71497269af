import { InklingError, message, optionRef } from "../base/error.ts";

/** The size of each split: an integer above 1 is a number of images, 0 to 1 is a fraction of all images. */
export interface SplitSizes {
  /** Default: all remaining images. */
  readonly training?: number;
  /** Default: 0.1, or 0 where there are fewer than two images for each class. */
  readonly validation?: number;
  /** Default: as for validation. */
  readonly test?: number;
}

/** What a split is for. `parts` of a data set are numbered in this order. */
export type SplitName = "training" | "validation" | "test";
export const splitNames = ["training", "validation", "test"] as const satisfies readonly SplitName[];

/**
 * The numbers of training, validation and test images out of `count`. Fractions are rounded so that those that sum to 1
 * use every image. With fewer than two images for each of `classes`, none is held out by default: it might be the only one of
 * its class. Throws `INVALID_ARGUMENT` for an invalid size, more images than there are, or none for training.
 */
export function resolveSizes(sizes: SplitSizes, count: number, classes: number): Record<SplitName, number> {
  const share = count < 2 * classes ? 0 : 0.1;
  for (const name of splitNames) {
    const size = sizes[name];
    if (size !== undefined && !(size >= 0 && (size <= 1 || Number.isSafeInteger(size))))
      throw new InklingError(
        "INVALID_ARGUMENT",
        message`split: ${optionRef(`split.${name}`)} is ${size}, expected a number of images (a whole number above 1) or a fraction (0 to 1)`,
      );
  }
  const wanted = (size: number) => (size <= 1 ? size * count : size);
  const validation = wanted(sizes.validation ?? share);
  const test = wanted(sizes.test ?? share);
  const training = sizes.training === undefined ? undefined : wanted(sizes.training);
  const held = Math.round(validation);
  const heldAndTested = Math.round(validation + test);
  const all = training === undefined ? Math.max(count, heldAndTested) : Math.round(validation + test + training);
  const result = { training: all - heldAndTested, validation: held, test: heldAndTested - held };
  const asked = `training ${sizes.training ?? "(the rest)"}, validation ${sizes.validation ?? share}, test ${sizes.test ?? share}`;
  if (all > count || result.training === 0)
    throw new InklingError(
      "INVALID_ARGUMENT",
      message`split: ${asked} of ${count} images ${all > count ? `require ${all}` : "leave none for training"}; request fewer, e.g. ${optionRef("split.validation", 0.1)} and ${optionRef("split.test", 0.1)}`,
    );
  return result;
}
