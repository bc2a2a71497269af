import type { DuplicateGroup } from "./exact.ts";

/** Rows in sets that grow together (union-find); a set is known by its least row. */
export class DisjointSets {
  readonly #parents: Uint32Array;

  /** Every row alone. */
  constructor(count: number) {
    this.#parents = Uint32Array.from({ length: count }, (_, row) => row);
  }

  /** Makes one set of those of two rows. */
  join(a: number, b: number): void {
    const [x, y] = [this.first(a), this.first(b)];
    this.#parents[Math.max(x, y)] = Math.min(x, y);
  }

  /** Makes one set of the sets of each group. */
  joinAll(groups: readonly DuplicateGroup[]): void {
    for (const [first, ...others] of groups) for (const row of others) this.join(first!, row);
  }

  /** The least row of a row's set. */
  first(row: number): number {
    let at = row;
    while (this.#parents[at] !== at) {
      this.#parents[at] = this.#parents[this.#parents[at]!]!;
      at = this.#parents[at]!;
    }
    return at;
  }

  /** The least row of each row's set. */
  firsts(): Uint32Array {
    return this.#parents.map((_, row) => this.first(row));
  }

  /** The sets of two rows or more, in the order of their least rows. */
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
