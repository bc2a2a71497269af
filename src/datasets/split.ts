import { InklingError, message, optionRef } from "../base/error.ts";
import { whole } from "../base/format.ts";
import { permutation } from "../base/philox.ts";
import { formatShape } from "../base/shape.ts";
import { type AnyDataset, allRows, checkFields, type Dataset } from "./dataset.ts";
import { findDuplicates } from "./duplicates/find.ts";
import { includedRows, type PartitionOptions, partition } from "./partition.ts";
import { resolveSizes, type SplitName, type SplitSizes, splitNames } from "./splitSizes.ts";
import { tensorShapes } from "./tensors.ts";

/** The rows of a data set in each split, in random order, no row twice. */
export type Split = Readonly<Record<SplitName, Uint32Array>>;

/** What a training's splits follow: `source`, the split that the source gives; `seed`, chance and the sizes. */
export const splitByNames = ["source", "seed"] as const;
/** One of {@link splitByNames}. */
export type SplitBy = (typeof splitByNames)[number];

/** Where splits come from, their sizes, and which images are kept in the same one. */
export interface SplitSettings extends SplitSizes, Pick<PartitionOptions, "keepTogether"> {
  /** Default: `source` if the data set has `parts`, otherwise `seed`. */
  readonly by?: SplitBy;
  /**
   * Cross-validation: the images for training and validation together are divided into this number of folds, and `fold` is
   * which of them, from 0, is the validation split; the others are for training. The test split is the same as without folds.
   */
  readonly folds?: number;
  readonly fold?: number;
}

export interface SplitOptions extends SplitSizes, PartitionOptions {}

/**
 * Splits a data set into training, validation and test rows, determined by the seed. The course on notMNIST uses
 * `{ training: 200000, validation: 10000, test: 10000 }`; smaller data sets are better split by fractions. Default: 0.1
 * for validation, 0.1 for the test, the rest for training; with fewer than two images for each class, all for training.
 *
 * Splits are stratified: each has the class proportions of the whole, to within one image per class, and images with the
 * same pixels go to the same split. If the data set has `groups`, each group goes to one split instead: whole groups are
 * assigned in random order, each to the split that is furthest below its size, so sizes are met only to within about a
 * group, and class proportions are left to chance. `keepTogether` selects one or the other.
 *
 * The split that the source gives, if any, is ignored; {@link divide} uses it.
 *
 * Throws `INVALID_ARGUMENT` for sizes that the data set cannot provide, and `INVALID_DATA` if all images are the same.
 */
export function splitDataset(dataset: AnyDataset, options: SplitOptions = {}): Split {
  checkFields(dataset);
  const included = includedRows(dataset, options);
  const classes = new Set(Array.from(included, (row) => dataset.labels[row]!)).size;
  const sizes = resolveSizes(options, included.length, classes);
  const wanted = splitNames.map((name) => sizes[name]);
  // Rows in no split form another part, which is then dropped.
  wanted.push(included.length - wanted.reduce((sum, size) => sum + size, 0));
  const parts = partition(dataset, included, wanted, options);
  const split = (name: SplitName): Uint32Array => {
    const rows = parts[splitNames.indexOf(name)]!;
    if (rows.length === 0 && sizes[name] > 0) throw noneFor(name, sizes[name], dataset, included, options);
    // The assignment is random, but its order is not: groups come first. So shuffle again.
    const order = permutation(rows.length, options.seed ?? 1, "split", 1 + splitNames.indexOf(name));
    return Uint32Array.from(order, (i) => rows[i]!);
  };
  return { training: split("training"), validation: split("validation"), test: split("test") };
}

/** The error for a split that is left without images, as those that are kept together are too few. */
function noneFor(
  name: SplitName,
  size: number,
  dataset: AnyDataset,
  included: Uint32Array,
  options: PartitionOptions,
): InklingError {
  const duplicates = options.duplicates ?? findDuplicates([dataset]);
  const copies = new Set(duplicates.find((rows) => rows.includes(included[0]!)));
  if (included.every((row) => copies.has(row)))
    return new InklingError(
      "INVALID_DATA",
      `split: all ${whole(included.length)} images have the same pixels, so there is nothing to learn from them; check how they were saved`,
    );
  return new InklingError(
    "INVALID_ARGUMENT",
    message`split: the data set has too few groups, or too few different images, to keep each in one split: none is left for ${name} (${size} images requested); use fewer splits, e.g. ${optionRef(`split.${name}`, 0)}, or separate them: ${optionRef("split.keepTogether", "none")}`,
  );
}

/** How {@link foldDataset} divides a data set. */
export interface FoldOptions extends PartitionOptions {
  /** The number of folds. Default: 5. */
  readonly folds?: number;
}

/**
 * Divides a data set into folds of equal size, to within one image or group, for cross-validation: every row is in
 * exactly one fold. Stratified, with groups kept together, as in {@link splitDataset}; each fold in ascending order.
 *
 * Throws `INVALID_ARGUMENT` for fewer than 2 folds, or more than the images or groups allow.
 */
export function foldDataset(dataset: AnyDataset, options: FoldOptions = {}): readonly Uint32Array[] {
  checkFields(dataset);
  const { folds = 5 } = options;
  const included = includedRows(dataset, options);
  if (!Number.isInteger(folds) || folds < 2 || folds > included.length)
    throw new InklingError(
      "INVALID_ARGUMENT",
      message`split: ${optionRef("folds")} is ${folds}, expected a whole number from 2 to ${included.length}, the number of images`,
    );
  const wanted = Array.from({ length: folds }, (_, fold) => Math.floor((included.length + fold) / folds));
  const parts = partition(dataset, included, wanted, options);
  const empty = parts.findIndex((rows) => rows.length === 0);
  if (empty >= 0)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `split: the data set has too few groups, or too few different images, for ${folds} folds; use fewer folds`,
    );
  return parts.map((rows) => Uint32Array.from(rows).sort());
}

/**
 * A split with the images for training and validation divided anew: one fold of them for validation, the others for training,
 * in random order. Throws `INVALID_ARGUMENT` as {@link foldDataset} does, and unless `fold` is one of the folds.
 */
export function splitByFold(
  dataset: AnyDataset,
  { training, validation, test }: Split,
  { folds, fold = 0, ...options }: FoldOptions & Pick<SplitSettings, "fold">,
): Split {
  const divided = new Set([...training, ...validation]);
  const leaveOut = allRows(dataset).filter((row) => !divided.has(row));
  const parts = foldDataset(dataset, { ...options, ...(folds !== undefined && { folds }), leaveOut });
  const held = parts[fold];
  if (!held)
    throw new InklingError(
      "INVALID_ARGUMENT",
      message`split: ${optionRef("split.fold")} is ${fold}, expected a whole number from 0 to ${parts.length - 1}`,
    );
  const rest = parts.flatMap((rows, k) => (k === fold ? [] : Array.from(rows)));
  const order = permutation(rest.length, options.seed ?? 1, "split", 1 + splitNames.indexOf("training"));
  return { training: Uint32Array.from(order, (i) => rest[i]!), validation: held, test };
}

/** One line per split with the shapes of its images and one-hot labels: `Training set (200000, 28, 28, 1) (200000, 10)`. */
export function describeSplit(dataset: Pick<Dataset, "imageShape" | "classNames">, split: Split): string[] {
  return splitNames.map((name) => {
    const { imagesShape, labelsShape } = tensorShapes(dataset, split[name].length);
    return `${name[0]!.toUpperCase()}${name.slice(1)} set ${formatShape(imagesShape)} ${formatShape(labelsShape)}`;
  });
}
