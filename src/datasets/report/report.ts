import { InklingError } from "../../base/error.ts";
import type { Dataset } from "../dataset.ts";
import { divide } from "../divide.ts";
import type { DuplicateGroup } from "../duplicates/exact.ts";
import { findDuplicates } from "../duplicates/find.ts";
import { twinsAmong } from "../duplicates/twins.ts";
import { fingerprint } from "../fingerprint.ts";
import { defaultKeepTogether, type KeepTogether } from "../keepTogether.ts";
import { contradictionsIn, type DatasetStatistics, describeDataset } from "../statistics.ts";
import { unorderedFingerprint } from "../unorderedFingerprint.ts";

/** Images of one split that have a duplicate in another. */
export interface Leak {
  readonly of: "validation" | "test";
  readonly in: "training" | "validation";
  /** Those with the same pixels. */
  readonly pixels: number;
  /** Those that look the same, these among them; nothing where that was not asked for. */
  readonly near?: number;
}

/** How `train` would divide a data set, and what is then on both sides. */
export interface SplitReport {
  readonly keepTogether: KeepTogether;
  readonly training: number;
  readonly validation: number;
  readonly test: number;
  /** Images that take no part, for the test set has them too. */
  readonly leftOut: number;
  readonly leaks: readonly Leak[];
}

/** What a data set holds, and what may be wrong with it. */
export interface DatasetReport extends DatasetStatistics {
  /** Images of the largest class for each of the smallest that has any; 1 where all are of one size. */
  readonly imbalance: number;
  /** Groups of images that look the same, with those that are the same; nothing where that was not asked for. */
  readonly nearDuplicates?: readonly DuplicateGroup[];
  /** Of these groups, those with more than one label. */
  readonly nearContradictions?: number;
  /** The division by default, and that in which any image may part from any; none of a data set too small for it. */
  readonly splits: readonly SplitReport[];
  readonly fingerprint: string;
  readonly unorderedFingerprint: string;
}

/** What a report is made of. */
export interface ReportOptions {
  /** A test set of its own, as for `train`. */
  readonly test?: Dataset;
  /** Whether to look for images that look the same, which takes longest: true. */
  readonly near?: boolean;
  /** Of the split: 1. */
  readonly seed?: number;
}

/** Looks a data set through: what it holds, duplicates, and how `train` would divide it. */
export async function reportDataset(
  dataset: Dataset,
  { test, near = true, seed = 1 }: ReportOptions = {},
): Promise<DatasetReport> {
  const sets = test ? [dataset, test] : [dataset];
  const exact = findDuplicates(sets);
  const alike = near ? findDuplicates(sets, "near") : undefined;
  const own = alike && within(alike, dataset.labels.length);
  const statistics = describeDataset(dataset);
  const counts = statistics.classes.map(({ count }) => count).filter((count) => count > 0);
  const chosen = [...new Set([defaultKeepTogether(dataset), "none" as const])];
  return {
    ...statistics,
    imbalance: counts.length === 0 ? 1 : Math.max(...counts) / Math.min(...counts),
    ...(own && { nearDuplicates: own, nearContradictions: contradictionsIn(own, dataset.labels) }),
    splits: chosen.flatMap((keepTogether) => reportSplit(dataset, test, { keepTogether, seed }, exact, alike) ?? []),
    fingerprint: await fingerprint(dataset),
    unorderedFingerprint: await unorderedFingerprint(dataset),
  };
}

/** What groups have of the first rows. */
const within = (groups: readonly DuplicateGroup[], count: number): readonly DuplicateGroup[] =>
  groups.map((rows) => rows.filter((row) => row < count)).filter((rows) => rows.length > 1);

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
): SplitReport | undefined {
  const division = attempt(() => divide(dataset, test, options));
  if (!division) return undefined;
  const { split, leftOut } = division;
  return {
    keepTogether: options.keepTogether,
    training: split.training.length,
    validation: split.validation.length,
    test: split.test.length,
    leftOut: leftOut.length,
    leaks: sides.map(([of, where]) => ({
      of,
      in: where,
      pixels: twinsAmong(exact, split[of], split[where]).length,
      ...(alike && { near: twinsAmong(alike, split[of], split[where]).length }),
    })),
  };
}

/** Nothing where that cannot be done with the data. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof InklingError) return undefined;
    throw error;
  }
}
