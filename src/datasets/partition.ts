import { InklingError, message, optionRef } from "../base/error.ts";
import { permutation } from "../base/philox.ts";
import { type AnyDataset, allRows } from "./dataset.ts";
import type { DuplicateGroup } from "./duplicates/exact.ts";
import { checkKeepTogether, defaultKeepTogether, groupIds, type KeepTogether } from "./keepTogether.ts";
import { stratifiedCounts } from "./stratifiedCounts.ts";

/** What determines how rows are assigned to splits or folds. */
export interface PartitionOptions {
  /** Determines which rows go where, and their order. An integer from 0 to 2³² − 1. Default: 1. */
  readonly seed?: number;
  /** Which rows are never separated. Default: `groups` if the data set has groups, otherwise `pixels`. */
  readonly keepTogether?: KeepTogether;
  /** Rows to leave out. Default: none. */
  readonly leaveOut?: ArrayLike<number>;
  /** The result of {@link findDuplicates} for the data set's pixels, if known; otherwise they are searched for. */
  readonly duplicates?: readonly DuplicateGroup[];
}

/** Groups of rows that are kept together, each with its rows in ascending order. */
type Groups = readonly (readonly number[])[];

/** The stream of random numbers for the order of groups; streams up to 3 order the splits. */
const GROUPS = 4;

/** Throws `INVALID_ARGUMENT` unless a seed is an integer from 0 to 2³² − 1. */
function checkSeed(seed: number): void {
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
    throw new InklingError(
      "INVALID_ARGUMENT",
      message`split: ${optionRef("seed")} is ${seed}, expected a whole number from 0 to 2^32 - 1`,
    );
}

/** The rows that are not left out, in ascending order. */
export function includedRows(dataset: AnyDataset, { leaveOut }: PartitionOptions): Uint32Array {
  if (!leaveOut || leaveOut.length === 0) return allRows(dataset);
  const out = new Set(Array.from(leaveOut));
  return allRows(dataset).filter((row) => !out.has(row));
}

/**
 * Partitions rows into parts of the given sizes, which sum to the number of rows: a stratified group split. Each part has
 * the class proportions of the whole, to within one image per class plus what rows that are kept together require. If the
 * data set has groups and they are kept together, whole groups are assigned in random order, each to the part that is
 * furthest below its size; sizes are then exact only to within about a group, and class proportions are left to chance.
 *
 * Throws `INVALID_ARGUMENT` for a wrong seed or `keepTogether`.
 */
export function partition(
  dataset: AnyDataset,
  rows: Uint32Array,
  sizes: readonly number[],
  options: PartitionOptions,
): readonly (readonly number[])[] {
  const { seed = 1, keepTogether = defaultKeepTogether(dataset) } = options;
  checkSeed(seed);
  checkKeepTogether(keepTogether);
  const ids = groupIds(dataset, keepTogether, options.duplicates);
  if (dataset.groups && keepTogether !== "none") return partitionGroups(groupsIn(rows, ids, 1), sizes, seed);
  return partitionStratified(dataset, rows, groupsIn(rows, ids, 2), sizes, seed);
}

/** The rows of each group with at least `least` of them, in the order of their first rows. */
function groupsIn(rows: Uint32Array, ids: Uint32Array | undefined, least: number): Groups {
  if (!ids) return [];
  const sizes = new Uint32Array(ids.length);
  for (const row of rows) sizes[ids[row]!]!++;
  const members = new Map<number, number[]>();
  for (const row of rows) {
    const id = ids[row]!;
    if (sizes[id]! < least) continue;
    const group = members.get(id);
    if (group) group.push(row);
    else members.set(id, [row]);
  }
  return [...members.values()];
}

/** Whole groups in random order, each assigned to the part that is furthest below its size. */
function partitionGroups(groups: Groups, sizes: readonly number[], seed: number): number[][] {
  const parts: number[][] = sizes.map(() => []);
  for (const i of permutation(groups.length, seed, "split")) {
    const missing = sizes.map((size, part) => size - parts[part]!.length);
    const to = parts[missing.indexOf(Math.max(...missing))]!;
    for (const row of groups[i]!) to.push(row);
  }
  return parts;
}

/**
 * First the groups of several rows, each assigned to the part that is furthest below its share and has room for the
 * group's classes; then the single rows of each class, shuffled, to fill up the parts.
 */
function partitionStratified(
  { labels, classNames }: AnyDataset,
  rows: Uint32Array,
  groups: Groups,
  sizes: readonly number[],
  seed: number,
): number[][] {
  const counts = Array<number>(classNames.length).fill(0);
  for (const row of rows) counts[labels[row]!]!++;
  const room = stratifiedCounts(counts, sizes);
  const parts: number[][] = sizes.map(() => []);
  const put = (row: number, part: number) => {
    room[labels[row]!]![part]!--;
    parts[part]!.push(row);
  };
  for (const i of permutation(groups.length, seed, "split", GROUPS)) {
    const group = groups[i]!;
    const assigned = parts.reduce((sum, part) => sum + part.length, group.length);
    const missing = sizes.map((size, part) => (size / rows.length) * assigned - parts[part]!.length);
    const fits = sizes.map((_, part) => group.every((row) => room[labels[row]!]![part]! >= group.length));
    const best = (among: readonly boolean[]) =>
      missing.reduce((a, lack, part) => (among[part] && (a < 0 || lack > missing[a]!) ? part : a), -1);
    const to = best(fits);
    for (const row of group) put(row, to < 0 ? best(sizes.map((size) => size > 0)) : to);
  }
  const placed = new Set(groups.flat());
  for (const i of permutation(rows.length, seed, "split")) {
    const row = rows[i]!;
    if (placed.has(row)) continue;
    put(
      row,
      room[labels[row]!]!.findIndex((left) => left > 0),
    );
  }
  return parts;
}
