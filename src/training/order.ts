import { permutation } from "../base/philox.ts";

/** How training images follow one another: shuffled anew for each epoch, or always as they are in the data. */
export type ImageOrder = "shuffled" | "as given";

/**
 * The order of rows in batches: every row once per epoch, reshuffled for each epoch by the seed, or as given. A batch may
 * span the end of an epoch.
 */
export class BatchOrder {
  readonly #rows: Uint32Array;
  readonly #seed: number;
  readonly #isShuffled: boolean;
  #epoch = -1;
  #order: Uint32Array = new Uint32Array();

  constructor(rows: Uint32Array, seed: number, order: ImageOrder = "shuffled") {
    this.#isShuffled = order === "shuffled";
    this.#rows = this.#isShuffled ? rows : rows.toSorted();
    this.#seed = seed;
  }

  /** The rows at `count` positions in the sequence of all batches, starting at position `first`. */
  rows(first: number, count: number): Uint32Array {
    return Uint32Array.from({ length: count }, (_, i) => this.#rowAt(first + i));
  }

  #rowAt(position: number): number {
    if (!this.#isShuffled) return this.#rows[position % this.#rows.length]!;
    const epoch = Math.floor(position / this.#rows.length);
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#order = permutation(this.#rows.length, this.#seed, "shuffle", epoch);
    }
    return this.#rows[this.#order[position % this.#rows.length]!]!;
  }
}
