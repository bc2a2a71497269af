import { InklingError, message, optionRef } from "../base/error.ts";
import { type AnyDataset, allRows, checkFields } from "./dataset.ts";
import { type DuplicateGroup, groupsWithin } from "./duplicates/exact.ts";
import { findDuplicates } from "./duplicates/find.ts";
import { duplicatesAcross, findTrainTestDuplicates } from "./duplicates/trainTestDuplicates.ts";
import { defaultKeepTogether } from "./keepTogether.ts";
import { rowsOfPart } from "./parts.ts";
import { type Split, type SplitSettings, splitByFold, splitByNames, splitDataset } from "./split.ts";

/** How training data are split. */
export interface DivideOptions extends SplitSettings {
  readonly seed?: number;
  /**
   * The result of {@link findDuplicates} for the pixels of the data set, the separate test set and the separate validation
   * set, in this order, if known; otherwise they are searched for.
   */
  readonly duplicates?: readonly DuplicateGroup[];
}

/** Data sets that are used whole, for the test or for validation. */
export interface SeparateSets {
  readonly test?: AnyDataset | undefined;
  readonly validation?: AnyDataset | undefined;
}

/** The use of each image in training. */
export interface Division {
  /** Rows of a separate test set are numbered after those of the data set, then those of a separate validation set. */
  readonly split: Split;
  /** Rows of the data set that are excluded because a separate set contains them too. */
  readonly leftOut: Uint32Array;
  /** Rows that the source gives for the test or for validation, and that are not used because a separate set is. */
  readonly replaced: Uint32Array;
  /** Rows of the test split with the same pixels as a row of the training split. */
  readonly trainTestDuplicates: Uint32Array;
  /** Rows of the validation split with the same pixels as a row of the training split. */
  readonly trainValidationDuplicates: Uint32Array;
  /** Rows of the test split with the same pixels as a row of the validation split. */
  readonly validationTestDuplicates: Uint32Array;
}

/** The splits that are not trained on. */
const heldNames = ["validation", "test"] as const;

/** The rows of each, where these are known before anything is drawn. */
type Held = { readonly [name in (typeof heldNames)[number]]?: Uint32Array };

/**
 * Splits a data set for training. The test split is the separate test set or, if there is none, what the source gives for
 * it in `parts`, as it is, unless `by` is `seed`; otherwise it is drawn by {@link splitDataset}, and so is the validation
 * split. They are drawn from the images that are left for training, and sizes that are fractions are fractions of these.
 * Images that `keepTogether` would keep with one of a separate set are left out.
 *
 * With `folds`, images for training and validation are divided anew, as {@link foldDataset} does.
 *
 * Throws `INVALID_ARGUMENT` as these functions do, for folds where the validation split is given, for the size of a split
 * that is not drawn, if `by` is `source` and the source is not split, and if no image is left for training.
 */
export function divide(dataset: AnyDataset, separate: SeparateSets, options: DivideOptions): Division {
  checkFields(dataset);
  const given = givenRows(dataset, options);
  const apart = separateRows(dataset, separate);
  const fixed: Held = { ...given, ...apart };
  refuseSizes(fixed, apart, options);
  refuseFolds(fixed, options);
  const held = new Set(Object.values(given).flatMap((rows) => Array.from(rows)));
  const groups = options.duplicates ?? findDuplicates([dataset, ...setsOf(separate)]);
  const leftOut = alsoIn(dataset, separate, options, groups).filter((row) => !held.has(row));
  const left = dataset.labels.length - held.size - leftOut.length;
  if (left === 0 && dataset.labels.length > 0) throw noneLeft(dataset, separate, leftOut);
  const duplicates = groupsWithin(groups, dataset.labels.length);
  const drawn = splitDataset(dataset, {
    ...options,
    ...(fixed.validation && { validation: 0 }),
    ...(fixed.test && { test: 0 }),
    leaveOut: [...held, ...leftOut],
    duplicates,
  });
  const split = {
    ...(options.folds === undefined ? drawn : splitByFold(dataset, drawn, { ...options, duplicates })),
    ...fixed,
  };
  const replaced = heldNames.flatMap((name) => (apart[name] ? Array.from(given[name] ?? []) : []));
  return {
    split,
    leftOut,
    replaced: Uint32Array.from(replaced).sort(),
    trainTestDuplicates: duplicatesAcross(groups, split.test, split.training),
    trainValidationDuplicates: duplicatesAcross(groups, split.validation, split.training),
    validationTestDuplicates: duplicatesAcross(groups, split.test, split.validation),
  };
}

/** What the source gives for splits that are not trained on. */
function givenRows(dataset: AnyDataset, { by }: DivideOptions): Held {
  if (by !== undefined && !splitByNames.includes(by))
    throw new InklingError(
      "INVALID_ARGUMENT",
      message`split: ${optionRef("split.by")} is ${String(by)}, expected one of ${splitByNames.join(", ")}`,
    );
  if (by === "source" && !dataset.parts)
    throw new InklingError(
      "INVALID_ARGUMENT",
      message`split: ${dataset.provenance.source} does not give a split; omit ${optionRef("split.by")}, or use ${optionRef("split.by", "seed")}`,
    );
  if (by === "seed") return {};
  const given = heldNames.map((name) => [name, rowsOfPart(dataset, name)] as const);
  return Object.fromEntries(given.filter(([, rows]) => rows.length > 0));
}

/** The separate sets in the order in which their rows are numbered. */
const setsOf = ({ test, validation }: SeparateSets): readonly AnyDataset[] =>
  [test, validation].filter((set) => set !== undefined);

function separateRows({ labels }: AnyDataset, { test, validation }: SeparateSets): Held {
  const rows = (set: AnyDataset, first: number) => Uint32Array.from(set.labels, (_, i) => first + i);
  const afterTest = labels.length + (test?.labels.length ?? 0);
  return {
    ...(test && { test: rows(test, labels.length) }),
    ...(validation && { validation: rows(validation, afterTest) }),
  };
}

/** A size is only for a split that is drawn. */
function refuseSizes(fixed: Held, apart: Held, options: DivideOptions): void {
  const wrong = heldNames.find((name) => fixed[name] && (options[name] ?? 0) !== 0);
  if (wrong === undefined) return;
  throw new InklingError(
    "INVALID_ARGUMENT",
    apart[wrong]
      ? message`split: ${optionRef(`split.${wrong}`)} is ${options[wrong]!}, but the ${wrong} split is a separate data set; omit its size`
      : message`split: ${optionRef(`split.${wrong}`)} is ${options[wrong]!}, but the ${wrong} split is given by the source; omit its size, or draw the splits with ${optionRef("split.by", "seed")}`,
  );
}

/** Folds are of the images for training and validation together. */
function refuseFolds({ validation }: Held, { folds }: DivideOptions): void {
  if (folds !== undefined && validation)
    throw new InklingError(
      "INVALID_ARGUMENT",
      message`split: ${optionRef("split.folds")} is ${folds}, but the validation split is given, by the source or as a separate data set; omit one of them`,
    );
}

/** The rows that must stay together with a row of a separate set, in ascending order. */
function alsoIn(
  dataset: AnyDataset,
  separate: SeparateSets,
  options: DivideOptions,
  groups: readonly DuplicateGroup[],
): Uint32Array {
  const keepTogether = options.keepTogether ?? defaultKeepTogether(dataset);
  const own = allRows(dataset);
  if (keepTogether === "pixels") {
    const others = Object.values(separateRows(dataset, separate)).flatMap((rows) => Array.from(rows));
    return duplicatesAcross(groups, own, others);
  }
  if (keepTogether !== "near") return new Uint32Array();
  // Each set by itself, because groups of images that look the same would be merged across sets.
  const found = setsOf(separate).flatMap((set) =>
    // A copy, so that a data set that is its own test set is treated as two sets.
    Array.from(findTrainTestDuplicates({ dataset: { ...set }, rows: allRows(set) }, { dataset, rows: own }, "near")),
  );
  return Uint32Array.from(new Set(found)).sort();
}

function noneLeft({ labels, provenance }: AnyDataset, separate: SeparateSets, leftOut: Uint32Array): InklingError {
  const { source } = provenance;
  const given = labels.length - leftOut.length;
  if (leftOut.length === 0)
    return new InklingError(
      "INVALID_ARGUMENT",
      message`${source} has no training images: all ${given} are given for the test or validation; use ${optionRef("split.by", "seed")} to draw the splits instead`,
    );
  const sets = heldNames.filter((name) => separate[name] !== undefined).join(" or ");
  const found =
    given === 0 ? "all its images are" : `${given} are given for the test or validation, and all others are`;
  const advice =
    given === 0 ? "use another set there" : `use another set there, or a part of this one, such as ${source}#test`;
  return new InklingError(
    "INVALID_ARGUMENT",
    `${source} has no training images: ${found} also in the separate ${sets} set; ${advice}`,
  );
}
