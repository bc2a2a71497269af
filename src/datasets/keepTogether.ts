import { InklingError } from "../base/error.ts";
import type { AnyDataset, Dataset } from "./dataset.ts";
import { DisjointSets } from "./duplicates/disjointSets.ts";
import { type DuplicateGroup, findExactDuplicates } from "./duplicates/exact.ts";
import { findNearDuplicates } from "./duplicates/near.ts";

/**
 * Which images never part when a data set is divided:
 *
 * - `groups`: those of one of the data set's groups, if it has any;
 * - `pixels`: these, and those with the same pixels;
 * - `near`: these, and those that look the same, as `findDuplicates` finds them;
 * - `none`: any may part.
 */
export const keepTogetherNames = ["groups", "pixels", "near", "none"] as const;
/** One of {@link keepTogetherNames}. */
export type KeepTogether = (typeof keepTogetherNames)[number];

/** `groups` where the data set has groups, and `pixels` where it has none. */
export const defaultKeepTogether = ({ groups }: Pick<Dataset, "groups">): KeepTogether =>
  groups ? "groups" : "pixels";

/** Throws `INVALID_ARGUMENT` for what is no name of {@link keepTogetherNames}. */
export function checkKeepTogether(value: unknown): asserts value is KeepTogether {
  if (!keepTogetherNames.some((name) => name === value))
    throw new InklingError(
      "INVALID_ARGUMENT",
      `split: keepTogether is ${String(value)}, expected one of ${keepTogetherNames.join(", ")}`,
    );
}

/**
 * For each row the first of those that it must stay with, itself where it is alone; nothing where every row is.
 * `exact` are the rows with the same pixels, where they are known.
 */
export function unitsOf(
  dataset: AnyDataset,
  keepTogether: KeepTogether,
  exact?: readonly DuplicateGroup[],
): Uint32Array | undefined {
  const { labels, groups } = dataset;
  if (keepTogether === "none" || (keepTogether === "groups" && !groups)) return undefined;
  const sets = new DisjointSets(labels.length);
  if (groups) {
    const firsts = new Map<number, number>();
    for (const [row, group] of groups.entries()) {
      const first = firsts.get(group);
      if (first === undefined) firsts.set(group, row);
      else sets.join(first, row);
    }
  }
  if (keepTogether === "pixels") sets.joinAll(exact ?? findExactDuplicates(dataset));
  if (keepTogether === "near") sets.joinAll(findNearDuplicates(dataset));
  return sets.firsts();
}
