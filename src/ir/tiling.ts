/**
 * How one contraction is cut into tiles whose sums live in registers.
 *
 * A tiling says how outputs are grouped, never in which order an output is summed, so that all tilings
 * give the same bits.
 */
export interface Tiling {
  /** The axis that runs across a vector, and how many of its elements a vector holds. */
  readonly vector: string;
  readonly width: number;
  /** Elements of each output axis in one tile. */
  readonly tile: Readonly<Record<string, number>>;
  /** Steps of the innermost reduction in one turn of its loop. */
  readonly unroll: number;
}
