/** A run of equal tiles along one axis: `count` tiles of `vectors` × `width` elements from `start`. */
export interface Piece {
  readonly start: number;
  readonly count: number;
  readonly vectors: number;
  readonly width: number;
}

/**
 * Cuts an axis into full tiles of `tile` elements, then one smaller tile, then narrower vectors, down to
 * single elements, so that tails need neither masks nor branches.
 */
export function pieces(extent: number, tile: number, width = 1, start = 0): readonly Piece[] {
  const left = extent - start;
  if (left === 0) return [];
  const size = Math.min(tile - (tile % width), left - (left % width));
  if (size === 0) return pieces(extent, tile, width > 4 ? width / 2 : 1, start);
  const count = Math.floor(left / size);
  return [{ start, count, vectors: size / width, width }, ...pieces(extent, size, width, start + count * size)];
}
