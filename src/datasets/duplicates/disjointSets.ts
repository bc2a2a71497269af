import type { DuplicateGroup } from "./exact.ts";

/** Disjoint sets of rows (union-find). A set is represented by its first row. */
export class DisjointSets {
  readonly #parents: Uint32Array;

  /** Starts with every row in a set of its own. */
  constructor(count: number) {
    this.#parents = Uint32Array.from({ length: count }, (_, row) => row);
  }

  /** Merges the sets of two rows. */
  join(a: number, b: number): void {
    const [x, y] = [this.first(a), this.first(b)];
    this.#parents[Math.max(x, y)] = Math.min(x, y);
  }

  /** Merges the sets of the rows of each group. */
  joinAll(groups: readonly DuplicateGroup[]): void {
    for (const [first, ...others] of groups) for (const row of others) this.join(first!, row);
  }

  /** The first row of a row's set. */
  first(row: number): number {
    let at = row;
    while (this.#parents[at] !== at) {
      this.#parents[at] = this.#parents[this.#parents[at]!]!;
      at = this.#parents[at]!;
    }
    return at;
  }

  /** For each row, the first row of its set. */
  firsts(): Uint32Array {
    return this.#parents.map((_, row) => this.first(row));
  }

  /** The sets of two or more rows, in the order of their first rows. */
  groups(): readonly DuplicateGroup[] {
    const members = new Map<number, number[]>();
    for (const [row, first] of this.firsts().entries()) {
      if (first === row) continue;
      const group = members.get(first);
      if (group) group.push(row);
      else members.set(first, [first, row]);
    }
    return [...members.values()].sort((a, b) => a[0]! - b[0]!);
  }
}
