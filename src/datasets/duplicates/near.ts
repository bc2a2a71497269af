import type { Images } from "../images.ts";
import { DisjointSets } from "./disjointSets.ts";
import { type DuplicateGroup, findExactDuplicates } from "./exact.ts";
import { type Projections, projectionsOf } from "./projections.ts";
import { type Moments, momentsOf, type Thumbnails, thumbnailsOf } from "./thumbnails.ts";

/** From this correlation on, images are near duplicates. */
const NEAR_CORRELATION = 0.995;
/** And no cell of theirs differs by more. */
const NEAR_DIFFERENCE = 64;

/** How far apart images of that correlation ρ are, each less its mean and of length 1: √(2 (1 − ρ)); and a little more. */
const RADIUS = Math.sqrt(2 * (1 - NEAR_CORRELATION) + 1e-5);
/** Cells of the search are of this many axes. */
const AXES = 5;
/** More than there are cells along an axis, from −1 to 1, and one at either end. */
const BASE = 32;

/**
 * Groups of images that look the same, rows and order as in {@link findExactDuplicates}: those with the same pixels,
 * and those whose thumbnails of at most 16 × 16 cells have a correlation of 0.995 or more, and no cell that differs by
 * more than 64 of 255. So they may differ in noise, compression, a stroke's edge, brightness or contrast; shifted and
 * turned images are others. Groups are joined where they share an image: two images of one may differ more.
 *
 * No pair is missed: thumbnails less their mean and of length 1 are points whose distance is √(2 (1 − ρ)), and of
 * projections, which never lengthen that, some say in which cell of a grid a point lies, and only neighbours are compared.
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
  eachNeighbour(projectionsOf(thumbnails, moments, rows), rows, (a, b) => {
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

/** Calls `visit` for each two rows whose projections are within the radius. */
function eachNeighbour({ values, size }: Projections, rows: Uint32Array, visit: (a: number, b: number) => void): void {
  const { order, cells } = gridOf(values, size, rows.length);
  // In the order of the cells, so that memory is read in turn.
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
  /** Points by cells. */
  readonly order: Uint32Array;
  /** From where to where in that order the points of a cell stand. */
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

/** From a cell to itself and to one of each two neighbours that lie opposite. */
const STEPS: readonly number[] = Array.from({ length: 3 ** AXES }, (_, number) => {
  let [step, left] = [0, number];
  for (let axis = 0; axis < AXES; axis++) {
    step = step * BASE + (left % 3) - 1;
    left = Math.floor(left / 3);
  }
  return step;
}).filter((step) => step >= 0);
