import { bytesPerImage, type Dataset, type Provenance, validateDataset } from "../datasets/dataset.ts";
import { ImageRows } from "../datasets/imageRows.ts";
import { csvCell, readCsv } from "./csv.ts";
import { damaged, type Format, invalid } from "./format.ts";
import type { Source } from "./platform.ts";

const encoder = new TextEncoder();

/**
 * Whether bytes are the start of a CSV file of pixels: a header `label,pixel0,…` (Kaggle) or `label,1x1,…`, or no header
 * and only integers.
 */
function isPixelTable(head: Uint8Array): boolean {
  const text = new TextDecoder().decode(head); // without a byte order mark
  return /^"?(label|class)"?,"?(pixel\d|1x1)/i.test(text) || /^\d{1,5}(,\d{1,3}){8,}[,\r\n]/.test(text);
}

/**
 * Decodes a CSV file of pixels: one row per image, its label followed by its pixels, 0 … 255. A header names the pixels
 * `1x1`, `1x2`, … by row and column (and channel); otherwise images must be square. Labels 0, 1, … without a gap are
 * class indices; other labels are class names. Throws `INVALID_DATA`, naming the line.
 */
export async function decodePixelTable(
  pieces: AsyncIterable<Uint8Array>,
  what: string,
  provenance: Provenance,
  classNames?: readonly string[],
): Promise<Dataset> {
  let rows: ImageRows | undefined;
  const labels: string[] = [];
  let pixels = new Uint8Array();
  for await (const { line, cells } of readCsv(pieces, what)) {
    if (!rows) {
      rows = new ImageRows(shapeOf(cells, what));
      pixels = new Uint8Array(rows.size);
      if (!/^\d+$/.test(cells[1]!)) continue;
    }
    if (cells.length !== rows.size + 1)
      throw damaged(what, `line ${line} has ${cells.length} cells, expected ${rows.size + 1}`);
    for (let i = 0; i < pixels.length; i++) {
      const cell = cells[i + 1]!;
      const value = cell === "" ? Number.NaN : Number(cell);
      if (!(Number.isInteger(value) && value >= 0 && value <= 255))
        throw invalid(what, `line ${line}: pixel ${i} is "${cell.slice(0, 20)}", expected 0 to 255`);
      pixels[i] = value;
    }
    labels.push(cells[0]!.trim());
    rows.push(pixels);
  }
  if (!rows || labels.length === 0) throw invalid(what, "it has no images");
  const imageShape = rows.shape;
  const images = rows.take(Uint32Array.from(labels, (_, row) => row));
  return validateDataset({ images, imageShape, ...numbered(labels, what, classNames), provenance, skipped: [] });
}

function shapeOf(cells: readonly string[], what: string): readonly [number, number, number] {
  const last = /^(\d{1,5})x(\d{1,5})(?:x(\d))?$/.exec(cells.at(-1)!);
  const count = cells.length - 1;
  if (last) {
    const [height, width, channels] = [Number(last[1]), Number(last[2]), Number(last[3] ?? 1)];
    if (height * width * channels !== count) throw damaged(what, `its header has ${count} pixels of ${cells.at(-1)}`);
    return [height, width, channels];
  }
  for (const channels of [1, 3]) {
    const side = Math.sqrt(count / channels);
    if (side >= 1 && Number.isInteger(side)) return [side, side, channels];
  }
  throw invalid(what, `rows of ${count} pixels do not make a square image; name the columns 1x1, 1x2, … in a header`);
}

/** Numeric labels are class indices if class names are given or there are no gaps; otherwise labels are class names. */
function numbered(all: readonly string[], what: string, classNames?: readonly string[]) {
  const different = [...new Set(all)];
  const areNumbers = different.every((label) => /^(0|[1-9]\d{0,4})$/.test(label) && Number(label) < 65536);
  const greatest = areNumbers ? different.reduce((most, label) => Math.max(most, Number(label)), 0) : 0;
  if (!areNumbers || (!classNames && greatest >= different.length)) {
    const names = areNumbers ? different.sort((a, b) => Number(a) - Number(b)) : different.sort();
    const numbers = new Map(names.map((name, k) => [name, k]));
    return { labels: Uint16Array.from(all, (label) => numbers.get(label)!), classNames: names };
  }
  const classes = Math.max(2, greatest + 1);
  if (classNames && classNames.length < classes)
    throw invalid(what, `it has labels up to ${classes - 1}, and ${classNames.length} class names are given`);
  const labels = Uint16Array.from(all, Number);
  return { labels, classNames: classNames ?? Array.from({ length: classes }, (_, k) => String(k)) };
}

/** A CSV file of pixels, in pieces: Kaggle's `label,pixel0,…` for square gray images. Labels are class names. */
export function* encodePixelTable(dataset: Dataset): Generator<Uint8Array> {
  const { images, labels, imageShape, classNames } = dataset;
  const size = bytesPerImage(dataset);
  yield encoder.encode(`label,${columns(imageShape).join(",")}\n`);
  for (let row = 0; row < labels.length; row++) {
    const pixels = images.subarray(row * size, (row + 1) * size);
    yield encoder.encode(`${csvCell(classNames[labels[row]!]!)},${pixels.join(",")}\n`);
  }
}

function columns([height, width, channels]: Dataset["imageShape"]): string[] {
  const size = height * width * channels;
  if (height === width && channels === 1) return Array.from({ length: size }, (_, i) => `pixel${i}`);
  return Array.from({ length: size }, (_, i) => {
    const place = Math.floor(i / channels);
    const name = `${Math.floor(place / width) + 1}x${(place % width) + 1}`;
    return channels === 1 ? name : `${name}x${(i % channels) + 1}`;
  });
}

/** A CSV file of pixels in Kaggle's layout: one row per image, starting with its label. Read as a stream. */
export const pixelTable: Format = {
  id: "csv",
  name: "a .csv file of label,pixel0,…",
  extensions: [".csv"],
  matches: ({ head }) => isPixelTable(head),
  open: (source: Source, { signal, classNames }) => {
    const provenance = { source: source.path, description: `pixels of ${source.name}` };
    return decodePixelTable(source.pieces(signal), source.path, provenance, classNames);
  },
  encode: (dataset, name) => [{ name, contents: encodePixelTable(dataset) }],
};
