import type { Images } from "../images.ts";
import { DisjointSets } from "./disjointSets.ts";
import { type DuplicateGroup, findExactDuplicates } from "./exact.ts";
import { type Projections, projectionsOf } from "./projections.ts";
import { type Moments, momentsOf, type Thumbnails, thumbnailsOf } from "./thumbnails.ts";

/** Near duplicates have at least this correlation. */
const NEAR_CORRELATION = 0.995;
/** And no cell of their thumbnails differs by more. */
const NEAR_DIFFERENCE = 64;

/** The distance of two centered, unit-length thumbnails with that correlation ρ, √(2 (1 − ρ)), plus a little tolerance. */
const RADIUS = Math.sqrt(2 * (1 - NEAR_CORRELATION) + 1e-5);
/** The number of dimensions of the search grid. */
const AXES = 5;
/** More than the number of cells along an axis from −1 to 1, plus one at each end. */
const BASE = 32;

/**
 * Groups of images that look the same, numbered and ordered as by {@link findExactDuplicates}: images with the same
 * pixels, and images whose thumbnails of at most 16 × 16 cells have a correlation of at least 0.995 and differ by at most
 * 64 of 255 in each cell. They may differ in noise, compression, the edges of strokes, brightness or contrast; shifted or
 * rotated images are not near duplicates. Groups that share an image are merged, so two images of a group may differ more.
 *
 * No pair is missed: centered, unit-length thumbnails are points at a distance of √(2 (1 − ρ)). Orthogonal projections
 * never increase distances, so points are put into the cells of a grid by their first projections, and only points in
 * neighboring cells are compared.
 */
export function findNearDuplicates(...sets: readonly Images[]): readonly DuplicateGroup[] {
  const exact = findExactDuplicates(...sets);
  const thumbnails = thumbnailsOf(sets);
  const count = thumbnails.pixels.length / thumbnails.size;
  const found = new DisjointSets(count);
  found.joinAll(exact);
  const copies = new Set(exact.flatMap(([, ...others]) => others));
  const moments = momentsOf(thumbnails);
  const rows = Uint32Array.from({ length: count }, (_, row) => row).filter(
    (row) => !copies.has(row) && moments.norms[row]! > 0,
  );
  const isNear = nearness(thumbnails, moments);
  eachNeighbor(projectionsOf(thumbnails, moments, rows), rows, (a, b) => {
    if (found.first(a) !== found.first(b) && isNear(a, b)) found.join(a, b);
  });
  return found.groups();
}

function nearness({ pixels, size }: Thumbnails, { sums, norms }: Moments): (a: number, b: number) => boolean {
  return (a, b) => {
    const [from, other] = [a * size, b * size];
    let products = 0;
    for (let i = 0; i < size; i++) {
      const [x, y] = [pixels[from + i]!, pixels[other + i]!];
      if (x - y > NEAR_DIFFERENCE || y - x > NEAR_DIFFERENCE) return false;
      products += x * y;
    }
    return size * products - sums[a]! * sums[b]! >= NEAR_CORRELATION * norms[a]! * norms[b]!;
  };
}

/** Calls `visit` for each pair of rows whose projections are within the radius. */
function eachNeighbor({ values, size }: Projections, rows: Uint32Array, visit: (a: number, b: number) => void): void {
  const { order, cells } = gridOf(values, size, rows.length);
  // Sorted by cell, so that memory is accessed sequentially.
  const points = Float32Array.from(values, (_, i) => values[order[Math.floor(i / size)]! * size + (i % size)]!);
  for (const [cell, [from, to]] of cells)
    for (const step of STEPS) {
      const [start, end] = cells.get(cell + step) ?? [0, 0];
      for (let a = from; a < to; a++)
        for (let b = step === 0 ? a + 1 : start; b < end; b++)
          if (isClose(points, a * size, b * size, size)) visit(rows[order[a]!]!, rows[order[b]!]!);
    }
}

function isClose(points: Float32Array, a: number, b: number, size: number): boolean {
  let distance = 0;
  for (let k = 0; k < size; k++) {
    const difference = points[a + k]! - points[b + k]!;
    distance += difference * difference;
    if (distance > RADIUS * RADIUS) return false;
  }
  return true;
}

interface Grid {
  /** The indices of the points, sorted by cell. */
  readonly order: Uint32Array;
  /** The range of each cell's points in `order`; `to` is exclusive. */
  readonly cells: ReadonlyMap<number, readonly [from: number, to: number]>;
}

function gridOf(values: Float32Array, size: number, count: number): Grid {
  const numbers = Float64Array.from({ length: count }, (_, i) => {
    let cell = 0;
    for (let axis = 0; axis < AXES; axis++)
      cell = cell * BASE + Math.floor((values[i * size + axis]! + 1) / RADIUS) + 1;
    return cell;
  });
  const order = Uint32Array.from(numbers, (_, i) => i).sort((a, b) => numbers[a]! - numbers[b]! || a - b);
  const cells = new Map<number, readonly [number, number]>();
  for (let from = 0, to = 0; from < count; from = to) {
    const cell = numbers[order[from]!]!;
    while (to < count && numbers[order[to]!] === cell) to++;
    cells.set(cell, [from, to]);
  }
  return { order, cells };
}

/** The steps from a cell to itself and to one of each pair of opposite neighbors. */
const STEPS: readonly number[] = Array.from({ length: 3 ** AXES }, (_, number) => {
  let [step, left] = [0, number];
  for (let axis = 0; axis < AXES; axis++) {
    step = step * BASE + (left % 3) - 1;
    left = Math.floor(left / 3);
  }
  return step;
}).filter((step) => step >= 0);
