import { InklingError } from "../base/error.ts";
import { type AnyDataset, allRows } from "./dataset.ts";
import { findDuplicates } from "./duplicates/find.ts";
import { findTwins, twinsAmong } from "./duplicates/twins.ts";
import { defaultKeepTogether } from "./keepTogether.ts";
import { type Split, type SplitSettings, splitDataset } from "./split.ts";

/** How a training divides its data. */
export interface DivideOptions extends SplitSettings {
  readonly seed?: number;
}

/** What a training does with each image. */
export interface Division {
  /** Rows of a test set of its own are counted on after those of the data set. */
  readonly split: Split;
  /** Rows of the data set that have a twin in the test set of its own, and so take no part. */
  readonly leftOut: Uint32Array;
  /** Rows of the test split that have the same pixels as one of the training split. */
  readonly twins: Uint32Array;
}

/**
 * Divides a data set for a training: by {@link splitDataset}, or, with a test set of its own, into training and
 * validation alone. Images that have to stay together with one of that test set are then left out. Throws
 * `INVALID_ARGUMENT` as {@link splitDataset} does.
 */
export function divide(dataset: AnyDataset, test: AnyDataset | undefined, options: DivideOptions): Division {
  const groups = findDuplicates(test ? [dataset, test] : [dataset]);
  const { split, leftOut } = test
    ? withTest(dataset, test, options)
    : { split: splitDataset(dataset, { ...options, duplicates: groups }), leftOut: new Uint32Array() };
  return { split, leftOut, twins: twinsAmong(groups, split.test, split.training) };
}

function withTest(dataset: AnyDataset, test: AnyDataset, options: DivideOptions): Pick<Division, "split" | "leftOut"> {
  const count = dataset.labels.length;
  const tested = Uint32Array.from(test.labels, (_, i) => count + i);
  const keepTogether = options.keepTogether ?? defaultKeepTogether(dataset);
  const leftOut =
    keepTogether === "pixels" || keepTogether === "near"
      ? // Copied, or the data set itself as the test set would have no image but one of each.
        findTwins({ dataset: { ...test }, rows: allRows(test) }, { dataset, rows: allRows(dataset) }, keepTogether)
      : new Uint32Array();
  if (count > 0 && leftOut.length === count)
    throw new InklingError(
      "INVALID_ARGUMENT",
      `all ${count} images are in the test set too; give another test set, or keepTogether none (--keep-together none)`,
    );
  return { split: { ...splitDataset(dataset, { test: 0, ...options, leaveOut: leftOut }), test: tested }, leftOut };
}
