/**
 * How the samples of a batch are divided, which depends on the batch size alone.
 *
 * Each group sums its own gradients, in the order of its samples; the sums of the groups are then added in
 * a fixed tree. So the sums, and with them the weights, depend neither on which thread computes a group nor
 * on how many samples it takes at a time, the tile.
 */
export interface Groups {
  readonly batch: number;
  /** The number of groups. */
  readonly count: number;
  /** Samples that run through a segment together. */
  readonly tile: number;
  /** The distance in samples from one group to the next, and from one tile to the next within a group. */
  readonly groupStride: number;
  readonly tileStride: number;
  /** The groups in order, those with equally many tiles in one share. */
  readonly shares: readonly Share[];
}

/** Consecutive groups with equally many tiles. */
interface Share {
  /** The first of the groups, and how many there are. */
  readonly first: number;
  readonly count: number;
  readonly tiles: number;
}

const MAX_GROUPS = 8;
/** Enough for a dense layer to use each weight it loads more than once; few enough to stay in the cache. */
const MAX_TILE = 4;

/** The largest divisor of n up to a limit; 1 if there is no other. */
export const largestDivisor = (n: number, limit: number): number => {
  for (let d = Math.min(limit, n); d > 1; d--) if (n % d === 0) return d;
  return 1;
};

/**
 * The division of a batch: into as many equal groups of consecutive samples as possible, up to 8. A batch of more than 8
 * samples that has no such divisor, such as 13 or 97, is distributed over 8 groups round-robin, so that some groups have
 * one sample more than others.
 */
export function groupsOf(batch: number): Groups {
  if (isRoundRobin(batch)) return roundRobin(batch);
  const count = largestDivisor(batch, MAX_GROUPS);
  const size = batch / count;
  const tile = largestDivisor(size, MAX_TILE);
  const shares = [{ first: 0, count, tiles: size / tile }];
  return { batch, count, tile, groupStride: size, tileStride: tile, shares };
}

/** Whether the groups of a batch differ in size, because its samples are distributed round-robin. */
export const isRoundRobin = (batch: number): boolean => batch > MAX_GROUPS && largestDivisor(batch, MAX_GROUPS) === 1;

/** Group g has samples g, g + 8, g + 16, …, each of them a tile. */
function roundRobin(batch: number): Groups {
  const count = MAX_GROUPS;
  const [tiles, larger] = [Math.floor(batch / count), batch % count];
  const shares = [
    { first: 0, count: larger, tiles: tiles + 1 },
    { first: larger, count: count - larger, tiles },
  ];
  return { batch, count, tile: 1, groupStride: 1, tileStride: count, shares };
}
