import { InklingError } from "../tensor/error.ts";
import type { AnyDataset, Dataset } from "./dataset.ts";
import { findExactDuplicates } from "./duplicates/exact.ts";

/**
 * Which images never part when a data set is divided:
 *
 * - `groups`: those of one of the data set's groups, if it has any;
 * - `pixels`: these, and those with the same pixels;
 * - `none`: any may part.
 */
export const keepTogetherNames = ["groups", "pixels", "none"] as const;
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
 */
export function unitsOf(dataset: AnyDataset, keepTogether: KeepTogether): Uint32Array | undefined {
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
  if (keepTogether === "pixels")
    for (const [first, ...others] of findExactDuplicates(dataset)) for (const row of others) sets.join(first!, row);
  return sets.firsts();
}

/** Rows in sets that grow together (union-find); a set is known by its least row. */
class DisjointSets {
  readonly #parents: Uint32Array;

  constructor(count: number) {
    this.#parents = Uint32Array.from({ length: count }, (_, row) => row);
  }

  join(a: number, b: number): void {
    const [x, y] = [this.#first(a), this.#first(b)];
    this.#parents[Math.max(x, y)] = Math.min(x, y);
  }

  /** The least row of each row's set. */
  firsts(): Uint32Array {
    return this.#parents.map((_, row) => this.#first(row));
  }

  #first(row: number): number {
    let at = row;
    while (this.#parents[at] !== at) {
      this.#parents[at] = this.#parents[this.#parents[at]!]!;
      at = this.#parents[at]!;
    }
    return at;
  }
}
