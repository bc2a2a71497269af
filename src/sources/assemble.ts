import { InklingError, message, optionRef } from "../base/error.ts";
import { classesOf } from "../datasets/classNames.ts";
import { type Dataset, type Provenance, type SkippedFile, validateDataset, withReading } from "../datasets/dataset.ts";
import type { ImageRows } from "../datasets/imageRows.ts";
import { partNumber } from "../datasets/parts.ts";
import type { SplitName } from "../datasets/splitSizes.ts";
import type { ReadOptions } from "../formats/format.ts";
import { FILE_KINDS } from "../image/header.ts";
import { type Image, toColor } from "../image/image.ts";

/** An image, and what follows from its name. */
export interface Found {
  readonly name: string;
  /** The folder that the file is in. */
  readonly className: string;
  /** The name of its group. */
  readonly group: string | undefined;
  /** The part that the source puts it in. */
  readonly part: SplitName | undefined;
  readonly file: string;
  /** The number of components of its path. */
  readonly depth: number;
  /** The store of its pixels. */
  readonly rows: ImageRows;
  readonly row: number;
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Makes a data set from the images found at the most frequent depth, ordered by class, file name and name. The others are
 * added to the skipped files. Throws `INVALID_DATA` if the images have different sizes, or if there are fewer than two
 * classes.
 */
export function assemble(
  all: readonly Found[],
  unreadable: readonly SkippedFile[],
  provenance: Provenance,
  { channels: wanted }: ReadOptions,
): Dataset {
  const counts = new Map<number, number>();
  for (const { depth } of all) counts.set(depth, (counts.get(depth) ?? 0) + 1);
  const [usual = 2] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0]).map(([depth]) => depth);
  const inPlace = ({ depth }: Found) => depth === usual && depth >= 2;
  const placed = all.filter(inPlace);
  const other = placed.find((found) => hasOtherSize(placed[0]!, found));
  if (other) throw otherSize(placed[0]!, other);
  const misplaced = all
    .filter((found) => !inPlace(found))
    .map(({ name }) => ({ name, reason: "it is not in a class folder: most images are at a different depth" }));
  const skipped = [...unreadable, ...misplaced].sort((a, b) => byText(a.name, b.name));
  const { names: classNames, numberOf, notes } = classesOf(placed.map(({ className }) => className));
  const labelOf = ({ className }: Found) => numberOf.get(className)!;
  const rows = placed.sort((a, b) => labelOf(a) - labelOf(b) || byText(a.file, b.file) || byText(a.name, b.name));
  if (classNames.length < 2) throw tooFew(provenance.source, classNames, skipped);

  const [height, width] = rows[0]!.rows.shape;
  const channels = wanted ?? (rows.some((found) => found.rows.shape[2] === 3) ? 3 : 1);
  const groups = numberGroups(rows.map(({ group }) => group));
  return validateDataset({
    images: gather(rows, channels),
    labels: Uint16Array.from(rows, labelOf),
    imageShape: [height, width, channels],
    classNames,
    ...(groups && { groups }),
    ...(rows.some(({ part }) => part !== undefined) && {
      parts: Uint8Array.from(rows, ({ part = "training" }) => partNumber(part)),
    }),
    names: rows.map(({ name }) => name),
    provenance: notes.reduce(withReading, provenance),
    skipped,
  });
}

/**
 * Numbers groups by name. If all names are integers, these are used; otherwise names are numbered in order, and each image
 * without a name is a group of its own. Undefined if no image has a group.
 */
function numberGroups(names: readonly (string | undefined)[]): Uint32Array | undefined {
  if (names.every((name) => name === undefined)) return undefined;
  if (names.every((name) => name !== undefined && /^\d{1,9}$/.test(name))) return Uint32Array.from(names, Number);
  const numbers = new Map<string, number>();
  let next = 0;
  return Uint32Array.from(names, (name) => {
    if (name === undefined) return next++;
    const known = numbers.get(name);
    if (known === undefined) numbers.set(name, next);
    return known ?? next++;
  });
}

/** The images in order: moved where all are kept together, copied and colored where gray and color are mixed. */
function gather(all: readonly Found[], channels: number): Uint8Array {
  const { rows } = all[0]!;
  if (all.every((found) => found.rows === rows)) return rows.take(Uint32Array.from(all, ({ row }) => row));
  const size = rows.shape[0] * rows.shape[1] * channels;
  const images = new Uint8Array(all.length * size);
  for (const [i, found] of all.entries()) {
    const [height, width, own] = found.rows.shape;
    const image: Image = { height, width, channels: own as Image["channels"], pixels: found.rows.row(found.row) };
    images.set((channels === 3 ? toColor(image) : image).pixels, i * size);
  }
  return images;
}

/** Whether two images differ in height or width. */
export const hasOtherSize = (first: Found, { rows }: Found): boolean =>
  first.rows.shape[0] !== rows.shape[0] || first.rows.shape[1] !== rows.shape[1];

/** The error for images of different sizes. */
export function otherSize(first: Found, other: Found): InklingError {
  const [height, width] = first.rows.shape;
  const [otherHeight, otherWidth] = other.rows.shape;
  return new InklingError(
    "INVALID_DATA",
    message`${other.name} has ${otherHeight} x ${otherWidth} pixels (height x width), and ${first.name} has ${height} x ${width}; all images must have the same size: scale them with ${optionRef("resize", [height!, width!])}, for example`,
  );
}

function tooFew(source: string, classNames: readonly string[], skipped: readonly SkippedFile[]): InklingError {
  const examples = skipped.slice(0, 3).map(({ name, reason }) => `${name}: ${reason}`);
  const left =
    skipped.length === 0
      ? "there are no other files"
      : `${skipped.length} files were skipped, e.g. ${examples.join("; ")}`;
  const problem =
    classNames.length === 0 ? "has no readable image in a class folder" : `has only one class, "${classNames[0]}"`;
  return new InklingError(
    "INVALID_DATA",
    `${source} ${problem} (${left}); expected a folder of images (${FILE_KINDS}) for each of at least two classes`,
  );
}
