import { InklingError } from "../base/error.ts";
import { permutation } from "../base/philox.ts";
import { formatShape } from "../base/shape.ts";
import type { AnyDataset, Dataset } from "./dataset.ts";
import { type DealOptions, deal, takenRows } from "./deal.ts";
import { resolveSizes, type SplitName, type SplitSizes, splitNames } from "./splitSizes.ts";
import { tensorShapes } from "./tensors.ts";

/** Rows of a data set for each use, in random order, no row twice. */
export type Split = Readonly<Record<SplitName, Uint32Array>>;

/** Sizes, and what stays together. */
export interface SplitSettings extends SplitSizes, Pick<DealOptions, "keepTogether"> {}

export interface SplitOptions extends SplitSettings, DealOptions {}

/**
 * Divides a data set by seed. The course on notMNIST uses `{ training: 200000, validation: 10000, test: 10000 }`;
 * smaller data are better divided by fractions, as by default: 0.1 to validate, 0.1 to test, the rest to train.
 *
 * Each split has the classes in the proportions of the whole, to within one image a class, and images with the same
 * pixels are in one split. Where the data set has `groups`, instead no group is in two splits: whole groups are dealt
 * in random order, each to the split that lacks most, so sizes are as asked only to within a group or so, and
 * proportions of classes are left to chance. `keepTogether` chooses. Throws `INVALID_ARGUMENT` for sizes that the
 * data set cannot give.
 */
export function splitDataset(dataset: AnyDataset, options: SplitOptions = {}): Split {
  const taken = takenRows(dataset, options);
  const sizes = resolveSizes(options, taken.length);
  const wanted = splitNames.map((name) => sizes[name]);
  // What nobody asked for is a split like the others, until it is left out at the end.
  wanted.push(taken.length - wanted.reduce((sum, size) => sum + size, 0));
  const dealt = deal(dataset, taken, wanted, options);
  const split = (name: SplitName): Uint32Array => {
    const rows = dealt[splitNames.indexOf(name)]!;
    if (rows.length === 0 && sizes[name] > 0)
      throw new InklingError(
        "INVALID_ARGUMENT",
        `split: the data set has too few groups, or too few different images, to keep each in one split: none is left for ${name} (${sizes[name]} images wanted); ask for fewer splits, e.g. ${name} 0, or let them part: keepTogether none`,
      );
    // Dealing favours no row, but large classes come early; a second shuffle makes the order random too.
    const order = permutation(rows.length, options.seed ?? 1, "split", 1 + splitNames.indexOf(name));
    return Uint32Array.from(order, (i) => rows[i]!);
  };
  return { training: split("training"), validation: split("validation"), test: split("test") };
}

/** How a data set is divided into folds. */
export interface FoldOptions extends DealOptions {
  /** How many: 5. */
  readonly folds?: number;
}

/**
 * Divides a data set into folds of one size, to within one image or group, for cross-validation: every row is in one
 * fold. Classes and what stays together as in {@link splitDataset}. Throws `INVALID_ARGUMENT`.
 */
export function foldDataset(dataset: AnyDataset, options: FoldOptions = {}): readonly Uint32Array[] {
  const { folds = 5 } = options;
  const taken = takenRows(dataset, options);
  if (!Number.isInteger(folds) || folds < 2 || folds > taken.length)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `split: folds is ${folds}, expected a whole number from 2 to ${taken.length}, the number of images`,
    );
  const wanted = Array.from({ length: folds }, (_, fold) => Math.floor((taken.length + fold) / folds));
  const dealt = deal(dataset, taken, wanted, options);
  const empty = dealt.findIndex((rows) => rows.length === 0);
  if (empty >= 0)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `split: the data set has too few groups, or too few different images, for ${folds} folds; ask for fewer folds`,
    );
  return dealt.map((rows) => Uint32Array.from(rows).sort());
}

/** A line a split with the shapes of images and one-hot labels: `Training set (200000, 28, 28, 1) (200000, 10)`. */
export function describeSplit(dataset: Pick<Dataset, "imageShape" | "classNames">, split: Split): string[] {
  return splitNames.map((name) => {
    const { imagesShape, labelsShape } = tensorShapes(dataset, split[name].length);
    return `${name[0]!.toUpperCase()}${name.slice(1)} set ${formatShape(imagesShape)} ${formatShape(labelsShape)}`;
  });
}
