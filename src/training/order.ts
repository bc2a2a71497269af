import { permutation } from "../base/philox.ts";

/**
 * Which row each place of each batch takes: every row once an epoch, in an order that is shuffled anew for
 * each epoch and fixed by the seed. A batch may begin in one epoch and end in the next.
 */
export class BatchOrder {
  readonly #rows: Uint32Array;
  readonly #seed: number;
  #epoch = -1;
  #order: Uint32Array = new Uint32Array();

  constructor(rows: Uint32Array, seed: number) {
    this.#rows = rows;
    this.#seed = seed;
  }

  /** The rows at `count` places of the batches, one batch after another, from the place `first` on. */
  rows(first: number, count: number): Uint32Array {
    return Uint32Array.from({ length: count }, (_, i) => this.#rowAt(first + i));
  }

  #rowAt(position: number): number {
    const epoch = Math.floor(position / this.#rows.length);
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#order = permutation(this.#rows.length, this.#seed, "shuffle", epoch);
    }
    return this.#rows[this.#order[position % this.#rows.length]!]!;
  }
}
