import { InklingError } from "../tensor/error.ts";
import { permutation } from "../tensor/philox.ts";
import { formatShape } from "../tensor/shape.ts";
import { apportion } from "./apportion.ts";
import type { Dataset } from "./dataset.ts";
import { resolveSizes, type SplitName, type SplitSizes, splitNames } from "./splitSizes.ts";
import { tensorShapes } from "./tensors.ts";

/** Rows of a data set for each use, in random order, no row twice. */
export type Split = Readonly<Record<SplitName, Uint32Array>>;

export interface SplitOptions extends SplitSizes {
  /** Fixes which rows go where, and their order. A whole number, 0 to 2³² − 1. Default: 1. */
  readonly seed?: number;
}

/**
 * Divides a data set by seed. The course on notMNIST uses `{ training: 200000, validation: 10000, test: 10000 }`;
 * smaller data are better divided by fractions, as by default: 0.1 to validate, 0.1 to test, the rest to train.
 *
 * Each split has the classes in the proportions of the whole, to within one image a class. Where the data set
 * has `groups`, no group is in two splits: whole groups are dealt in random order, each to the split that lacks
 * most, so sizes are as asked only to within a group or so, and proportions of classes are left to chance.
 * Throws `INVALID_ARGUMENT` for sizes that the data set cannot give.
 */
export function splitDataset(dataset: Dataset, options: SplitOptions = {}): Split {
  const { labels, groups, classNames } = dataset;
  const seed = options.seed ?? 1;
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
    throw new InklingError("INVALID_ARGUMENT", `split: seed is ${seed}, expected a whole number from 0 to 2^32 - 1`);
  const sizes = resolveSizes(options, labels.length);
  const wanted = splitNames.map((name) => sizes[name]);
  // What nobody asked for is a split like the others, until it is left out at the end.
  wanted.push(labels.length - wanted.reduce((sum, size) => sum + size, 0));
  const dealt = groups ? dealGroups(groups, wanted, seed) : dealClasses(labels, classNames.length, wanted, seed);
  const split = (name: SplitName): Uint32Array => {
    const rows = dealt[splitNames.indexOf(name)]!;
    if (rows.length === 0 && sizes[name] > 0)
      throw new InklingError(
        "INVALID_ARGUMENT",
        `split: the data set has too few groups to keep each in one split: none is left for ${name} (${sizes[name]} images wanted); ask for fewer splits, e.g. ${name} 0`,
      );
    // Dealing favours no row, but large classes come early; a second shuffle makes the order random too.
    const order = permutation(rows.length, seed, "split", 1 + splitNames.indexOf(name));
    return Uint32Array.from(order, (i) => rows[i]!);
  };
  return { training: split("training"), validation: split("validation"), test: split("test") };
}

/** The rows of each class, shuffled, to the splits in proportion. */
function dealClasses(labels: Uint16Array, classes: number, wanted: readonly number[], seed: number): number[][] {
  const counts = Array<number>(classes).fill(0);
  for (const label of labels) counts[label]!++;
  const shares = apportion(counts, wanted);
  const dealt: number[][] = wanted.map(() => []);
  for (const row of permutation(labels.length, seed, "split")) {
    const share = shares[labels[row]!]!;
    const to = share.findIndex((left) => left > 0);
    share[to]!--;
    dealt[to]!.push(row);
  }
  return dealt;
}

/** Whole groups, in random order, each to the split that still lacks most. */
function dealGroups(groups: Uint32Array, wanted: readonly number[], seed: number): number[][] {
  const members = new Map<number, number[]>();
  for (const [row, group] of groups.entries()) {
    const rows = members.get(group);
    if (rows) rows.push(row);
    else members.set(group, [row]);
  }
  const all = [...members.values()];
  const dealt: number[][] = wanted.map(() => []);
  for (const i of permutation(all.length, seed, "split")) {
    const lacking = wanted.map((size, split) => size - dealt[split]!.length);
    const to = dealt[lacking.indexOf(Math.max(...lacking))]!;
    for (const row of all[i]!) to.push(row);
  }
  return dealt;
}

/** A line a split with the shapes of images and one-hot labels: `Training set (200000, 28, 28, 1) (200000, 10)`. */
export function describeSplit(dataset: Pick<Dataset, "imageShape" | "classNames">, split: Split): string[] {
  return splitNames.map((name) => {
    const { imagesShape, labelsShape } = tensorShapes(dataset, split[name].length);
    return `${name[0]!.toUpperCase()}${name.slice(1)} set ${formatShape(imagesShape)} ${formatShape(labelsShape)}`;
  });
}
