import { quoted } from "../base/printable.ts";
import { columnOf, pixelNumbers, roleOf, someOf } from "./columns.ts";
import { invalid } from "./format.ts";

/** Which columns of a table of pixels hold what. */
export interface PixelColumns {
  readonly label: number;
  /** The column of the split that the source gives; −1 if there is none. */
  readonly split: number;
  /** In the order of the pixels. */
  readonly pixels: readonly number[];
  /** [H, W, C]. */
  readonly shape: readonly [number, number, number];
  /** What was chosen, as clauses of the reading. */
  readonly notes: readonly string[];
}

/** The columns that a header names. Throws `INVALID_DATA`. */
export function namedColumns(header: readonly string[], what: string): PixelColumns {
  const all = [...header.keys()];
  const numbersOf = (column: number) => pixelNumbers(header[column]!)!;
  const pixels = all
    .filter((column) => roleOf(header[column]!) === undefined && numbersOf(column) !== undefined)
    .sort((a, b) => byNumbers(numbersOf(a), numbersOf(b)));
  if (pixels.length === 0)
    throw invalid(
      what,
      `line 1 names ${someOf(header)}, and no pixels: expected columns named pixel0, pixel1, … or 1x1, 1x2, …`,
    );
  const others = all.filter((column) => !pixels.includes(column));
  const split = columnOf(header, "split", what);
  const unknown = others.filter((column) => roleOf(header[column]!) !== "index" && column !== split);
  const named = columnOf(header, "label", what);
  const label = named < 0 && unknown.length === 1 ? unknown[0]! : named;
  if (label < 0) throw invalid(what, noLabels(header, pixels, unknown));
  const ignored = others
    .filter((column) => column !== label && column !== split)
    .map((column) => header[column]!.trim());
  return {
    label,
    split,
    pixels,
    shape: namedShape(pixels.map(numbersOf), header[pixels.at(-1)!]!, what) ?? squareShape(pixels.length, what),
    notes: [
      ...(named < 0 ? [`labels in the column ${quoted(header[label]!.trim())}`] : []),
      ...(ignored.length > 0
        ? [
            `without the column${ignored.length === 1 ? "" : "s"} ${ignored.map((name) => (name === "" ? "of row numbers" : quoted(name))).join(", ")}`,
          ]
        : []),
    ],
  };
}

function noLabels(header: readonly string[], pixels: readonly number[], unknown: readonly number[]): string {
  const ends = `${quoted(header[pixels[0]!]!)} to ${quoted(header[pixels.at(-1)!]!)}`;
  return unknown.length === 0
    ? `line 1 names ${pixels.length} columns of pixels, ${ends}, and none of labels; add a column named "label"`
    : `line 1 names ${someOf(unknown.map((column) => header[column]!))} besides the pixels ${ends}; rename the column of labels to "label"`;
}

function byNumbers(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((number, i) => number !== b[i]);
  return at < 0 ? 0 : a[at]! - (b[at] ?? -1);
}

/** The shape that the names of pixels tell, from `1x1` to `HxW` or `HxWxC`, or from 0; undefined if they only count. */
function namedShape(
  numbers: readonly (readonly number[])[],
  last: string,
  what: string,
): PixelColumns["shape"] | undefined {
  const [first, end] = [numbers[0]!, numbers.at(-1)!];
  if (end.length < 2 || end.length > 3 || !numbers.every(({ length }) => length === end.length)) return undefined;
  const [height = 0, width = 0, channels = 1] = end.map((number, axis) => number - first[axis]! + 1);
  if (height * width * channels !== numbers.length)
    throw invalid(
      what,
      `line 1 names ${numbers.length} columns of pixels up to ${quoted(last)}, expected ${height} × ${width} × ${channels}; name every pixel`,
    );
  return [height, width, channels];
}

const sides = (count: number): readonly [side: number, channels: number][] =>
  [1, 3]
    .map((channels): [number, number] => [Math.sqrt(count / channels), channels])
    .filter(([side]) => side >= 1 && Number.isInteger(side));

function squareShape(count: number, what: string): PixelColumns["shape"] {
  const [found] = sides(count);
  if (found) return [found[0], found[0], found[1]];
  throw invalid(
    what,
    `rows of ${count} pixels do not make a square image; name the columns 1x1, 1x2, … (row x column) in a header`,
  );
}

/** The numbers in columns, by row. */
type Column = (column: number) => Float64Array;

/**
 * The columns of a table without a header. The label is the first or the last column, whichever has the values of classes:
 * 0, 1, … or 1, 2, …, every one of them, and not only values that pixels have as well. A first column that counts the rows
 * is left out where the others make a square image without it. Throws `INVALID_DATA` if that does not tell.
 */
export function unnamedColumns(width: number, column: Column, what: string): PixelColumns {
  const isCounted = sides(width - 1).length === 0 && sides(width - 2).length > 0 && countsRows(column(0));
  const first = isCounted ? 1 : 0;
  const last = width - 1;
  squareShape(last - first, what);
  const candidates = [first, last].filter((k) => holdsClasses(column(k)));
  const inner = new Set<number>();
  if (candidates.length > 1) for (let k = first + 1; k < last; k++) for (const value of column(k)) inner.add(value);
  const own = candidates.filter((k) => column(k).some((value) => !inner.has(value)));
  const label = own.length === 1 ? own[0] : candidates.length === 1 ? candidates[0] : undefined;
  if (label === undefined) throw invalid(what, undecided(column(first), column(last), candidates.length));
  return columnsAround(label, width, first, what);
}

/** The columns of a table without a header whose label is in a known column, the first or the last. */
export function columnsAround(label: number, width: number, first: number, what: string): PixelColumns {
  const pixels = Array.from({ length: width - first }, (_, i) => first + i).filter((column) => column !== label);
  const place = label === width - 1 ? "last" : label === 0 ? "first" : "second";
  return {
    label,
    split: -1,
    pixels,
    shape: squareShape(pixels.length, what),
    notes: [`no header: labels in the ${place} column`, ...(first > 0 ? ["without the column of row numbers"] : [])],
  };
}

const countsRows = (values: Float64Array): boolean =>
  values.length > 1 && (values[0] === 0 || values[0] === 1) && values.every((value, row) => value === values[0]! + row);

/** Whether values are 0, 1, … or 1, 2, … without a gap, each but a few of them several times. */
function holdsClasses(values: Float64Array): boolean {
  const different = new Set(values);
  const low = Math.min(...different);
  return (
    different.size > 1 &&
    different.size * 2 <= Math.max(4, values.length) &&
    (low === 0 || low === 1) &&
    [...different].every((value) => Number.isInteger(value) && value < low + different.size)
  );
}

function undecided(first: Float64Array, last: Float64Array, candidates: number): string {
  const some = (values: Float64Array) => {
    const different = [...new Set(values)].sort((a, b) => a - b);
    return different.length <= 6 ? different.join(", ") : `${different.slice(0, 5).join(", ")}, … ${different.at(-1)}`;
  };
  const problem = candidates === 0 ? "neither holds the numbers of classes" : "both may be the labels";
  return `it has no header, and of the first column (${some(first)}) and the last (${some(last)}) ${problem}; add a first line that names the columns: label,pixel0,pixel1,…`;
}
