/**
 * How the samples of a batch are divided, from the batch size alone.
 *
 * A group is summed into a gradient of its own, in order of samples; the groups' gradients are then
 * joined in a fixed tree. So the sums, and with them the weights, do not depend on who computes which
 * group, nor on how many samples a worker takes at a time: the tile.
 */
export interface Groups {
  readonly batch: number;
  /** Groups in the batch, and samples in each. */
  readonly count: number;
  readonly size: number;
  /** Samples that run through a segment together, and tiles in a group. */
  readonly tile: number;
  readonly tiles: number;
}

const MAX_GROUPS = 8;
/** Enough for a dense layer to use each weight it loads more than once; few enough to stay in the cache. */
const MAX_TILE = 4;

/** The largest divisor of n up to a limit; 1 where there is none. */
export const largestDivisor = (n: number, limit: number): number => {
  for (let d = Math.min(limit, n); d > 1; d--) if (n % d === 0) return d;
  return 1;
};

/** The division of a batch. */
export function groupsOf(batch: number): Groups {
  const count = largestDivisor(batch, MAX_GROUPS);
  const size = batch / count;
  const tile = largestDivisor(size, MAX_TILE);
  return { batch, count, size, tile, tiles: size / tile };
}
