import { InklingError, message, optionRef } from "../base/error.ts";
import type { AnyDataset, Dataset } from "./dataset.ts";
import { DisjointSets } from "./duplicates/disjointSets.ts";
import { type DuplicateGroup, findExactDuplicates } from "./duplicates/exact.ts";
import { findNearDuplicates } from "./duplicates/near.ts";

/**
 * Which images are kept in the same split or fold:
 *
 * - `groups`: images in the same group, if the data set has groups;
 * - `pixels`: also images with the same pixels;
 * - `near`: also images that look the same, as found by `findDuplicates`;
 * - `none`: every image is independent.
 */
export const keepTogetherNames = ["groups", "pixels", "near", "none"] as const;
/** One of {@link keepTogetherNames}. */
export type KeepTogether = (typeof keepTogetherNames)[number];

/** `groups` if the data set has groups, otherwise `pixels`. */
export const defaultKeepTogether = ({ groups }: Pick<Dataset, "groups">): KeepTogether =>
  groups ? "groups" : "pixels";

/** Throws `INVALID_ARGUMENT` unless the value is one of {@link keepTogetherNames}. */
export function checkKeepTogether(value: unknown): asserts value is KeepTogether {
  if (!keepTogetherNames.some((name) => name === value))
    throw new InklingError(
      "INVALID_ARGUMENT",
      message`split: ${optionRef("split.keepTogether")} is ${String(value)}, expected one of ${keepTogetherNames.join(", ")}`,
    );
}

/**
 * For each row, the ID of the group in which it is kept: the group's first row. Undefined if every row is independent.
 * `exact` are the groups of rows with the same pixels, if already known.
 */
export function groupIds(
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
