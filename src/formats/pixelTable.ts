import { quoted } from "../base/printable.ts";
import { bytesPerImage, type Dataset, type Provenance, withReading } from "../datasets/dataset.ts";
import { partNumber } from "../datasets/parts.ts";
import { datasetOfArrays } from "./arrays.ts";
import { isNumber, isPictureName, partIn, pixelNumbers, roleOf, someOf } from "./columns.ts";
import { type CsvRecord, csvCell, openCsv, sniffCsv } from "./csv.ts";
import { type Format, invalid, type ReadOptions } from "./format.ts";
import { type NdArray, numbers } from "./ndarray.ts";
import { NumberRows } from "./numberRows.ts";
import { columnsAround, namedColumns, type PixelColumns, unnamedColumns } from "./pixelColumns.ts";
import type { Source } from "./platform.ts";

const encoder = new TextEncoder();
/** The fewest cells of a table without a header: a label and 3 × 3 pixels, of which the last may be cut off. */
const MIN_CELLS = 9;
/** A label that is text, in a table without a header. */
const WORDS = /^[\p{L}\p{M}\p{N} _'.-]+$/u;

/**
 * Whether bytes are the start of a table of pixels: a header that is mostly numbers of pixels, most of them in order, or
 * no header and only numbers, up to a label.
 */
function isPixelTable(head: Uint8Array): boolean {
  const [first] = sniffCsv(head)?.rows ?? [];
  if (!first || first.some((cell) => roleOf(cell) === "file" || isPictureName(cell))) return false;
  if (!isHeader(first)) return first.length >= MIN_CELLS && first.every((cell) => isNumber(cell) || WORDS.test(cell));
  const numbers = first.map(pixelNumbers).filter((some) => some !== undefined);
  const successive = numbers.filter((some, i) => numbers[i + 1]?.at(-1) === some.at(-1)! + 1).length;
  return successive > 0 && numbers.length * 2 >= first.length && successive * 2 >= numbers.length - 1;
}

/** What a table lacks that has neither pixels nor files. */
function explainTable(head: Uint8Array): string | undefined {
  const [first, second] = sniffCsv(head)?.rows ?? [];
  if (!first || /^\s*[[{<]/.test(first[0]!)) return undefined;
  const expected =
    "expected a column of files and one of labels (file,label), or a column of labels and one for each pixel (label,pixel0,pixel1,…)";
  if (!isHeader(first) && first.every(isNumber))
    return `is a table of ${first.length} columns of numbers without a header; ${expected}`;
  const example = first.length < MIN_CELLS ? second?.find((cell) => cell.trim() !== "" && !isNumber(cell)) : undefined;
  const hint =
    example === undefined ? "" : `no cell names a picture: ${example.trim()} lacks its extension, such as .png; `;
  return `is a table whose first line is ${someOf(first)}; ${hint}${expected}`;
}

/** A row of an image has numbers only, except for a label in its first or last cell; a header may be numbers that count. */
function isHeader(cells: readonly string[]): boolean {
  const inner = cells.slice(1, -1);
  if (inner.some((cell) => !isNumber(cell)) || cells.some((cell) => roleOf(cell) === "label")) return true;
  return inner.length > 2 && inner.every((cell, i) => Number(cell) === Number(inner[0]) + i);
}

/**
 * Decodes a table of pixels: one row per image, with its label and its pixels, in any dialect that {@link openCsv} reads.
 * A header names the label (label, class, …) and the pixels, by number (`pixel0`, …) or by row, column and channel (`1x1`,
 * …); otherwise images must be square. A column `split` gives the parts. Without a header the label is in the first or
 * the last column (see {@link unnamedColumns}). Whole numbers are pixels, 0 … 255; for others see {@link datasetOfArrays}.
 * Throws `INVALID_DATA`, naming line and column.
 */
export async function decodePixelTable(
  pieces: AsyncIterable<Uint8Array>,
  what: string,
  provenance: Provenance,
  options: ReadOptions = {},
): Promise<Dataset> {
  const { records, separator, notes } = await openCsv(pieces, what);
  const first = await records.next();
  if (first.done) throw invalid(what, "it has no rows");
  const { cells } = first.value;
  const header = isHeader(cells) ? cells.map((cell) => cell.trim()) : undefined;
  let columns = header ? namedColumns(header, what) : textLabelColumns(cells, what);
  const read = columns?.pixels ?? [...cells.keys()];
  const rows = new NumberRows(read.length);
  const labels: string[] = [];
  const parts: number[] = [];
  const lines: number[] = [];
  const nameOf = (column: number) => `column ${header ? quoted(header[column]!) : column + 1}`;
  const toNumber = separator === "," ? Number : (cell: string) => Number(cell.replace(",", "."));
  const values = new Float32Array(read.length);
  const add = ({ line, cells: row }: CsvRecord) => {
    if (row.length !== cells.length)
      throw invalid(what, `line ${line} has ${row.length} cells, expected ${cells.length} as in the first`);
    for (let i = 0; i < values.length; i++) {
      const cell = row[read[i]!]!;
      values[i] = toNumber(cell);
      if (!Number.isFinite(values[i]) || cell.trim() === "")
        throw invalid(what, `line ${line}, ${nameOf(read[i]!)}: ${quoted(cell)} is not a number, expected a pixel`);
    }
    rows.push(values);
    lines.push(line);
    if (columns) labels.push(row[columns.label]!);
    if (columns && columns.split >= 0) parts.push(partNumber(partIn(row[columns.split]!, line, what)));
  };
  if (!header) add(first.value);
  for await (const record of records) add(record);
  if (lines.length === 0) throw invalid(what, "it has a header and no rows");
  const wasKnown = columns !== undefined;
  columns ??= unnamedColumns(cells.length, (column) => rows.column(column), what);
  const { label, pixels, shape } = columns;
  const labelTexts = wasKnown ? labels : Array.from(rows.column(label), String);
  const images = rows.array(wasKnown ? [...read.keys()] : pixels, [lines.length, ...shape]);
  checkWhole(
    images,
    (i) => `line ${lines[Math.floor(i / pixels.length)]}, ${nameOf(pixels[i % pixels.length]!)}`,
    what,
  );
  const dataset = datasetOfArrays([{ images, labels: labelTexts }], {
    what,
    read: options,
    classNames: options.classNames,
    place: (i) => `line ${lines[i]}: the label`,
    provenance: [...notes(), ...columns.notes].reduce(withReading, provenance),
  });
  return columns.split < 0 ? dataset : { ...dataset, parts: Uint8Array.from(parts) };
}

/** The columns of a table without a header whose label is text; undefined if all cells are numbers. */
function textLabelColumns(cells: readonly string[], what: string): PixelColumns | undefined {
  const [isFirst, isLast] = [!isNumber(cells[0]!), !isNumber(cells.at(-1)!)];
  return isFirst === isLast ? undefined : columnsAround(isFirst ? 0 : cells.length - 1, cells.length, 0, what);
}

/** Throws for a value outside 0 … 255 among values that are all whole numbers. */
function checkWhole(images: NdArray, placeOf: (i: number) => string, what: string): void {
  if (images.dtype.kind !== "f") return;
  const values = numbers(images, 0, images.bytes.length / 4, what);
  if (!values.every(Number.isInteger)) return;
  const wrong = values.findIndex((value) => value < 0 || value > 255);
  throw invalid(what, `${placeOf(wrong)}: ${values[wrong]} is not a pixel, expected 0 to 255`);
}

/** A CSV file of pixels, in pieces: Kaggle's `label,pixel0,…` for square gray images. Labels are class names. */
export function* encodePixelTable(dataset: Dataset): Generator<Uint8Array> {
  const { images, labels, imageShape, classNames } = dataset;
  const size = bytesPerImage(dataset);
  yield encoder.encode(`label,${columnNames(imageShape).join(",")}\n`);
  for (let row = 0; row < labels.length; row++) {
    const pixels = images.subarray(row * size, (row + 1) * size);
    yield encoder.encode(`${csvCell(classNames[labels[row]!]!)},${pixels.join(",")}\n`);
  }
}

function columnNames([height, width, channels]: Dataset["imageShape"]): string[] {
  const size = height * width * channels;
  if (height === width && channels === 1) return Array.from({ length: size }, (_, i) => `pixel${i}`);
  return Array.from({ length: size }, (_, i) => {
    const place = Math.floor(i / channels);
    const name = `${Math.floor(place / width) + 1}x${(place % width) + 1}`;
    return channels === 1 ? name : `${name}x${(i % channels) + 1}`;
  });
}

/** A table of pixels: one row per image, with its label. Read as a stream. */
export const pixelTable: Format = {
  id: "csv",
  name: "a .csv file of label,pixel0,…",
  extensions: [".csv"],
  matches: ({ head }) => isPixelTable(head),
  explain: ({ head }) => explainTable(head),
  open: (source: Source, options) => {
    const provenance = { source: source.path, description: `pixels of ${source.name}` };
    return decodePixelTable(source.pieces(options.signal), source.path, provenance, options);
  },
  encode: (dataset, name) => [{ name, contents: encodePixelTable(dataset) }],
};
