/**
 * How the samples of a batch are divided, from the batch size alone.
 *
 * A group is summed into a gradient of its own, in order of samples; the groups' gradients are then
 * joined in a fixed tree. So the sums, and with them the weights, do not depend on which thread computes
 * a group, nor on how many samples it takes at a time: the tile.
 */
export interface Groups {
  readonly batch: number;
  /** Groups in the batch. */
  readonly count: number;
  /** Samples that run through a segment together. */
  readonly tile: number;
  /** From the first sample of a group to that of the next group, and from tile to tile within a group. */
  readonly groupStride: number;
  readonly tileStride: number;
  /** The groups in order, those with equally many tiles together. */
  readonly shares: readonly Share[];
}

/** Neighboring groups with equally many tiles. */
export interface Share {
  /** The first of the groups, and how many there are. */
  readonly first: number;
  readonly count: number;
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

/**
 * The division of a batch: into as many equal groups of neighboring samples as 8 or fewer can be. A batch of more than 8
 * samples that has no such divisor, such as 13 or 97, is dealt out to 8 groups one sample at a time, so that some groups
 * have one more than the others.
 */
export function groupsOf(batch: number): Groups {
  if (isDealtOut(batch)) return dealOut(batch);
  const count = largestDivisor(batch, MAX_GROUPS);
  const size = batch / count;
  const tile = largestDivisor(size, MAX_TILE);
  const shares = [{ first: 0, count, tiles: size / tile }];
  return { batch, count, tile, groupStride: size, tileStride: tile, shares };
}

/** Whether the groups of a batch are not all of one size. */
export const isDealtOut = (batch: number): boolean => batch > MAX_GROUPS && largestDivisor(batch, MAX_GROUPS) === 1;

/** Group g has the samples g, g + 8, g + 16, …, each a tile of its own. */
function dealOut(batch: number): Groups {
  const count = MAX_GROUPS;
  const [tiles, larger] = [Math.floor(batch / count), batch % count];
  const shares = [
    { first: 0, count: larger, tiles: tiles + 1 },
    { first: larger, count: count - larger, tiles },
  ];
  return { batch, count, tile: 1, groupStride: 1, tileStride: count, shares };
}
