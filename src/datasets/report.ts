import { InklingError } from "../base/error.ts";
import { checkFields, type Dataset } from "./dataset.ts";
import { divide } from "./divide.ts";
import { type DuplicateGroup, groupsWithin } from "./duplicates/exact.ts";
import { findDuplicates } from "./duplicates/find.ts";
import { duplicatesAcross } from "./duplicates/trainTestDuplicates.ts";
import { fingerprint, unorderedFingerprint } from "./fingerprint.ts";
import { defaultKeepTogether, type KeepTogether } from "./keepTogether.ts";
import { misleadingSplit } from "./misleading.ts";
import type { SplitBy } from "./split.ts";
import { contradictionsIn, type DatasetStatistics, describeDataset } from "./statistics.ts";

/** Images of one split that have a duplicate in another. */
export interface Leak {
  readonly of: "validation" | "test";
  readonly in: "training" | "validation";
  /** How many have the same pixels. */
  readonly pixels: number;
  /** How many look the same, including those with the same pixels; absent unless `near` is on. */
  readonly near?: number;
}

/** How `train` would split a data set, and how many images would have duplicates in another split. */
export interface SplitReport {
  /** `source` if the test or validation split is the source's own. */
  readonly by: SplitBy;
  readonly keepTogether: KeepTogether;
  readonly training: number;
  readonly validation: number;
  readonly test: number;
  /** Images that are left out because they are also in the test set. */
  readonly leftOut: number;
  readonly leaks: readonly Leak[];
  /** What makes its scores misleading, one sentence each. */
  readonly warnings: readonly string[];
}

/** The contents of a data set, and what may be wrong with it. */
export interface DatasetReport extends DatasetStatistics {
  /** The size of the largest class divided by that of the smallest one that is not empty; 1 if all are of equal size. */
  readonly imbalance: number;
  /** Groups of images that look the same, including those with the same pixels; absent unless `near` is on. */
  readonly nearDuplicates?: readonly DuplicateGroup[];
  /** How many of these groups have more than one label. */
  readonly nearContradictions?: number;
  /** Why `train` would refuse to split the data set by default. */
  readonly splitProblem?: InklingError;
  /** The default split, and one that keeps nothing together; without those for which there are too few images. */
  readonly splits: readonly SplitReport[];
  readonly fingerprint: string;
  readonly unorderedFingerprint: string;
}

/** Options of {@link reportDataset}. */
export interface ReportOptions {
  /** A separate test set, as for `train`. */
  readonly test?: Dataset;
  /** Whether to search for images that look the same, which is the slowest part. Default: true. */
  readonly near?: boolean;
  /** The seed of the splits. Default: 1. */
  readonly seed?: number;
}

/** Reports the contents of a data set, its duplicates, and how `train` would split it. */
export async function reportDataset(
  dataset: Dataset,
  { test, near = true, seed = 1 }: ReportOptions = {},
): Promise<DatasetReport> {
  checkFields(dataset);
  const sets = test ? [dataset, test] : [dataset];
  const exact = findDuplicates(sets);
  const alike = near ? findDuplicates(sets, "near") : undefined;
  const own = alike && groupsWithin(alike, dataset.labels.length);
  const statistics = describeDataset(dataset, groupsWithin(exact, dataset.labels.length));
  const counts = statistics.classes.map(({ count }) => count).filter((count) => count > 0);
  // What the source gives is the same, whatever is kept together.
  const chosen = dataset.parts
    ? [defaultKeepTogether(dataset)]
    : [...new Set([defaultKeepTogether(dataset), "none" as const])];
  const tried = chosen.map((keepTogether) =>
    attempt(() => reportSplit(dataset, test, { keepTogether, seed }, exact, alike)),
  );
  const splitProblem = dataset.labels.length > 0 ? tried[0]!.error : undefined;
  return {
    ...statistics,
    imbalance: counts.length === 0 ? 1 : Math.max(...counts) / Math.min(...counts),
    ...(own && { nearDuplicates: own, nearContradictions: contradictionsIn(own, dataset.labels) }),
    ...(splitProblem && { splitProblem }),
    splits: tried.flatMap(({ result }) => result ?? []),
    fingerprint: await fingerprint(dataset),
    unorderedFingerprint: await unorderedFingerprint(dataset),
  };
}

const sides = [
  ["test", "training"],
  ["test", "validation"],
  ["validation", "training"],
] as const;

function reportSplit(
  dataset: Dataset,
  test: Dataset | undefined,
  options: { readonly keepTogether: KeepTogether; readonly seed: number },
  exact: readonly DuplicateGroup[],
  alike: readonly DuplicateGroup[] | undefined,
): SplitReport {
  const division = divide(dataset, { test }, { ...options, duplicates: exact });
  const { split, leftOut } = division;
  return {
    by: dataset.parts ? "source" : "seed",
    keepTogether: options.keepTogether,
    training: split.training.length,
    validation: split.validation.length,
    test: split.test.length,
    leftOut: leftOut.length,
    leaks: sides.map(([of, where]) => ({
      of,
      in: where,
      pixels: duplicatesAcross(exact, split[of], split[where]).length,
      ...(alike && { near: duplicatesAcross(alike, split[of], split[where]).length }),
    })),
    warnings: misleadingSplit({ dataset, test, division }),
  };
}

/** The result of an action, or the `InklingError` that it throws. */
function attempt<T>(action: () => T): { readonly result?: T; readonly error?: InklingError } {
  try {
    return { result: action() };
  } catch (error) {
    if (error instanceof InklingError) return { error };
    throw error;
  }
}
