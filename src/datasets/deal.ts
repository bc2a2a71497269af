import { InklingError } from "../base/error.ts";
import { permutation } from "../base/philox.ts";
import { apportion } from "./apportion.ts";
import { type AnyDataset, allRows } from "./dataset.ts";
import type { DuplicateGroup } from "./duplicates/exact.ts";
import { checkKeepTogether, defaultKeepTogether, type KeepTogether, unitsOf } from "./keepTogether.ts";

/** What fixes how rows are dealt. */
export interface DealOptions {
  /** Fixes which rows go where, and their order. A whole number, 0 to 2³² − 1. Default: 1. */
  readonly seed?: number;
  /** Which rows never part. Default: `groups` where the data set has groups, and `pixels` where it has none. */
  readonly keepTogether?: KeepTogether;
  /** Rows that go nowhere. Default: none. */
  readonly leaveOut?: ArrayLike<number>;
  /** What {@link findDuplicates} says of the data set's pixels, where that is known: it is found otherwise. */
  readonly duplicates?: readonly DuplicateGroup[];
}

/** The rows of each unit, a single row or several that stay together. */
type Units = readonly (readonly number[])[];

/** Streams of random numbers; those up to 3 order the splits. */
const UNITS = 4;

/** Throws `INVALID_ARGUMENT` for what cannot fix a split. */
export function checkSeed(seed: number): void {
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
    throw new InklingError("INVALID_ARGUMENT", `split: seed is ${seed}, expected a whole number from 0 to 2^32 - 1`);
}

/** The rows that are not left out, in order. */
export function takenRows(dataset: AnyDataset, { leaveOut }: DealOptions): Uint32Array {
  if (!leaveOut || leaveOut.length === 0) return allRows(dataset);
  const out = new Set(Array.from(leaveOut));
  return allRows(dataset).filter((row) => !out.has(row));
}

/**
 * Deals rows into hands of the sizes wanted, which sum to the number of rows. Each hand has the classes in the
 * proportions of the whole, to within one image a class, or so many as images that stay together differ by. Where
 * the data set has groups and they stay together, they are dealt in random order, each to the hand that lacks most,
 * so sizes are kept only to within a group or so, and proportions of classes are left to chance.
 */
export function deal(
  dataset: AnyDataset,
  rows: Uint32Array,
  wanted: readonly number[],
  options: DealOptions,
): readonly (readonly number[])[] {
  const { seed = 1, keepTogether = defaultKeepTogether(dataset) } = options;
  checkSeed(seed);
  checkKeepTogether(keepTogether);
  const firsts = unitsOf(dataset, keepTogether, options.duplicates);
  if (dataset.groups && keepTogether !== "none") return dealUnits(unitsIn(rows, firsts, 1), wanted, seed);
  return dealClasses(dataset, rows, unitsIn(rows, firsts, 2), wanted, seed);
}

/** The rows of each unit that has at least so many, in the order of their first rows. */
function unitsIn(rows: Uint32Array, firsts: Uint32Array | undefined, least: number): Units {
  if (!firsts) return [];
  const sizes = new Uint32Array(firsts.length);
  for (const row of rows) sizes[firsts[row]!]!++;
  const members = new Map<number, number[]>();
  for (const row of rows) {
    const first = firsts[row]!;
    if (sizes[first]! < least) continue;
    const unit = members.get(first);
    if (unit) unit.push(row);
    else members.set(first, [row]);
  }
  return [...members.values()];
}

/** Whole units, in random order, each to the hand that still lacks most. */
function dealUnits(units: Units, wanted: readonly number[], seed: number): number[][] {
  const hands: number[][] = wanted.map(() => []);
  for (const i of permutation(units.length, seed, "split")) {
    const lacking = wanted.map((size, hand) => size - hands[hand]!.length);
    const to = hands[lacking.indexOf(Math.max(...lacking))]!;
    for (const row of units[i]!) to.push(row);
  }
  return hands;
}

/**
 * Units of several rows first, each to the hand that has least of them for its size and has room for their classes;
 * then the single rows of each class, shuffled, to fill the hands up.
 */
function dealClasses(
  { labels, classNames }: AnyDataset,
  rows: Uint32Array,
  units: Units,
  wanted: readonly number[],
  seed: number,
): number[][] {
  const counts = Array<number>(classNames.length).fill(0);
  for (const row of rows) counts[labels[row]!]!++;
  const room = apportion(counts, wanted);
  const hands: number[][] = wanted.map(() => []);
  const put = (row: number, hand: number) => {
    room[labels[row]!]![hand]!--;
    hands[hand]!.push(row);
  };
  for (const i of permutation(units.length, seed, "split", UNITS)) {
    const unit = units[i]!;
    const dealt = hands.reduce((sum, hand) => sum + hand.length, unit.length);
    const lacking = wanted.map((size, hand) => (size / rows.length) * dealt - hands[hand]!.length);
    const fits = wanted.map((_, hand) => unit.every((row) => room[labels[row]!]![hand]! >= unit.length));
    const best = (among: readonly boolean[]) =>
      lacking.reduce((a, lack, hand) => (among[hand] && (a < 0 || lack > lacking[a]!) ? hand : a), -1);
    const to = best(fits);
    for (const row of unit) put(row, to < 0 ? best(wanted.map((size) => size > 0)) : to);
  }
  const placed = new Set(units.flat());
  for (const i of permutation(rows.length, seed, "split")) {
    const row = rows[i]!;
    if (placed.has(row)) continue;
    put(
      row,
      room[labels[row]!]!.findIndex((left) => left > 0),
    );
  }
  return hands;
}
