import { InklingError } from "../base/error.ts";
import { type AnyDataset, allRows } from "./dataset.ts";
import { findDuplicates } from "./duplicates/find.ts";
import { duplicatesAcross, findTrainTestDuplicates } from "./duplicates/trainTestDuplicates.ts";
import { defaultKeepTogether } from "./keepTogether.ts";
import { type Split, type SplitSettings, splitDataset } from "./split.ts";

/** How training data are split. */
export interface DivideOptions extends SplitSettings {
  readonly seed?: number;
}

/** The use of each image in training. */
export interface Division {
  /** Rows of a separate test set are numbered after those of the data set. */
  readonly split: Split;
  /** Rows of the data set that are excluded because the separate test set contains them too. */
  readonly leftOut: Uint32Array;
  /** Rows of the test split with the same pixels as a row of the training split. */
  readonly trainTestDuplicates: Uint32Array;
}

/**
 * Splits a data set for training: with {@link splitDataset} or, if there is a separate test set, into training and
 * validation only. Images that `keepTogether` would keep with an image of that test set are then left out. Throws
 * `INVALID_ARGUMENT` as {@link splitDataset} does, and if no image is left.
 */
export function divide(dataset: AnyDataset, test: AnyDataset | undefined, options: DivideOptions): Division {
  const groups = findDuplicates(test ? [dataset, test] : [dataset]);
  const { split, leftOut } = test
    ? withTest(dataset, test, options)
    : { split: splitDataset(dataset, { ...options, duplicates: groups }), leftOut: new Uint32Array() };
  return { split, leftOut, trainTestDuplicates: duplicatesAcross(groups, split.test, split.training) };
}

function withTest(dataset: AnyDataset, test: AnyDataset, options: DivideOptions): Pick<Division, "split" | "leftOut"> {
  const count = dataset.labels.length;
  const tested = Uint32Array.from(test.labels, (_, i) => count + i);
  const keepTogether = options.keepTogether ?? defaultKeepTogether(dataset);
  const leftOut =
    keepTogether === "pixels" || keepTogether === "near"
      ? // A copy, so that a data set that is its own test set is treated as two sets.
        findTrainTestDuplicates(
          { dataset: { ...test }, rows: allRows(test) },
          { dataset, rows: allRows(dataset) },
          keepTogether,
        )
      : new Uint32Array();
  if (count > 0 && leftOut.length === count)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `all ${count} images are also in the test set; use another test set, or keepTogether none (--keep-together none)`,
    );
  return { split: { ...splitDataset(dataset, { test: 0, ...options, leaveOut: leftOut }), test: tested }, leftOut };
}
