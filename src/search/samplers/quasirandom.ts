import { permutation } from "../../base/philox.ts";
import type { Space } from "../../training/space/parameter.ts";
import { type Sampler, valuesAt } from "./sampler.ts";

/** Digits of a point are drawn down to this size. */
const FINEST = 2 ** -32;

/** The first prime numbers, one for each parameter. */
function primes(count: number): readonly number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}

/** Permutations of the digits by base, parameter and place, which are the same for all points of a study. */
const scrambles = new WeakMap<Space, Map<number, readonly (readonly Uint32Array[])[]>>();

function scramblesOf(space: Space, seed: number): readonly (readonly Uint32Array[])[] {
  const known = scrambles.get(space) ?? new Map();
  scrambles.set(space, known);
  const found =
    known.get(seed) ??
    primes(Object.keys(space).length).map((base, index) => {
      const permutations: Uint32Array[] = [];
      for (let weight = 1 / base; weight >= FINEST; weight /= base)
        permutations.push(permutation(base, seed, "search", (index << 8) + permutations.length));
      return permutations;
    });
  known.set(seed, found);
  return found;
}

/** Σ π(digit k of n)·base^−(k+1), with one permutation π for each place. */
function scrambled(n: number, permutations: readonly Uint32Array[]): number {
  const base = permutations[0]!.length;
  let [left, weight, sum] = [n, 1 / base, 0];
  for (const order of permutations) {
    sum += order[left % base]! * weight;
    left = Math.floor(left / base);
    weight /= base;
  }
  return sum;
}

/**
 * Points that fill the space evenly at any number of trials: the Halton sequence, one prime base for each parameter, with
 * random permutations of the digits that depend on the seed. Source: Owen, "A randomized Halton algorithm in R", arXiv
 * 1706.02808.
 */
export const quasirandom: Sampler = {
  name: "quasirandom",
  description: "random values that fill the space more evenly",
  ask({ space, seed, trial }) {
    const permutations = scramblesOf(space, seed);
    return valuesAt(space, (index) => scrambled(trial, permutations[index]!));
  },
};
