import { InklingError, message, optionRef } from "../base/error.ts";
import { quantity } from "../base/format.ts";
import { listed } from "../base/listed.ts";

import { classesOf } from "../datasets/classNames.ts";
import { type Dataset, type Provenance, type SkippedFile, validateDataset, withReading } from "../datasets/dataset.ts";
import type { ImageRows } from "../datasets/imageRows.ts";
import { partNumber } from "../datasets/parts.ts";
import type { ReadOptions } from "../formats/format.ts";
import { FILE_KINDS } from "../image/header.ts";
import { type Image, type ImageOptions, toColor, toGray, UnequalSizes } from "../image/image.ts";
import type { Stored } from "../image/stored.ts";
import { adviseOn } from "./advice.ts";
import { readPattern } from "./classPattern.ts";
import { optionsFor, withConversion } from "./convert.ts";
import { type Layout, type Placement, readLayout } from "./layout.ts";

/** An image, and where its pixels are. */
export interface Found {
  readonly name: string;
  /** Its name for the layout: the name itself, unless that is escaped because another image has the same one. */
  readonly path: string;
  /** What a list says about it. */
  readonly listed?: Placement | undefined;
  readonly file: string;
  /** The number of components of its path. */
  readonly depth: number;
  /** The store of its pixels. */
  readonly rows: ImageRows;
  readonly row: number;
  readonly stored: Stored;
}

/** The options with which files must be read again, because they turned out to need others. */
export interface ReadAgain {
  readonly again: ImageOptions;
}

/** What a source has besides images. */
export interface Rest {
  readonly unreadable: readonly SkippedFile[];
  /** Hidden files and folders, which are ignored. */
  readonly hidden: readonly string[];
  readonly folders: readonly string[];
  /** The first bytes of files that may be lists, by name. */
  readonly lists: ReadonlyMap<string, Uint8Array>;
  /** What was chosen to read it, as clauses of the reading. */
  readonly notes: readonly string[];
}

interface Placed extends Found, Placement {}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Makes a data set from images, ordered by class, file name and name. Their classes, parts and groups are what a list says
 * or what their names say, by the class pattern or {@link readLayout}; images for which these say nothing are added to the
 * skipped files. If the images together show that they must be read in another way, such as with a range of values of
 * their own, the options for it are returned instead. Throws `INVALID_DATA` if the images have different sizes, or if there
 * are fewer than two classes.
 */
export function assemble(
  all: readonly Found[],
  rest: Rest,
  provenance: Provenance,
  options: ReadOptions,
  isFolder: boolean,
): Dataset | ReadAgain {
  const layout = layoutOf(all, provenance.source, options.classPattern);
  const found: Placed[] = [];
  const unplaced: SkippedFile[] = [];
  for (const [i, image] of all.entries()) {
    const placement = layout.placements[i]!;
    if (typeof placement === "string") unplaced.push({ name: image.name, reason: placement });
    else found.push({ ...image, ...placement });
  }
  const { placed, strays } = ofOneSize(found);
  unplaced.push(...strays);
  const skipped = [...rest.unreadable, ...unplaced].sort((a, b) => byText(a.name, b.name));
  const { names: classNames, numberOf, notes } = classesOf(placed.map(({ className }) => className));
  const labelOf = ({ className }: Placed) => numberOf.get(className)!;
  const rows = placed.sort((a, b) => labelOf(a) - labelOf(b) || byText(a.file, b.file) || byText(a.name, b.name));
  if (classNames.length < 2) throw tooFew(all, rest, provenance.source, classNames, skipped, isFolder);
  const clauses = [...layout.reading, ...rest.notes, ...notes, ...asides(rest, all)];

  const [height, width] = rows[0]!.rows.shape;
  const again = optionsFor(rows, options);
  const channels = again.channels!;
  // Values change before anything else is done, and channels before the size.
  const grayAfterwards = channels === 1 && rows.some((found) => found.rows.shape[2] === 3);
  if (again.valueRange !== options.valueRange || (options.resize && grayAfterwards)) return { again };
  const groups = numberGroups(rows.map(({ group }) => group));
  const isSplit = rows.some(({ part }) => part !== undefined);
  const dataset = validateDataset({
    images: gather(rows, channels),
    labels: Uint16Array.from(rows, labelOf),
    imageShape: [height, width, channels],
    classNames,
    ...(groups && { groups }),
    ...(isSplit && { parts: Uint8Array.from(rows, ({ part }) => partNumber(part ?? "training")) }),
    names: rows.map(({ name }) => name),
    provenance: clauses.reduce(withReading, provenance),
    skipped,
  });
  return withConversion(dataset, rows, options);
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

/** The images in order: moved where all are kept together, copied and converted where gray and color are mixed. */
function gather(all: readonly Found[], channels: 1 | 3): Uint8Array {
  const { rows } = all[0]!;
  if (rows.shape[2] === channels && all.every((found) => found.rows === rows))
    return rows.take(Uint32Array.from(all, ({ row }) => row));
  const size = rows.shape[0] * rows.shape[1] * channels;
  const images = new Uint8Array(all.length * size);
  for (const [i, found] of all.entries()) {
    const [height, width, own] = found.rows.shape;
    const image: Image = { height, width, channels: own as Image["channels"], pixels: found.rows.row(found.row) };
    images.set((channels === 3 ? toColor(image) : toGray(image)).pixels, i * size);
  }
  return images;
}

/** Images of another size than all others are left out as strays if they are at most this share of a folder. */
const STRAYS = 0.005;

/** The images of the most frequent size; a few others are left out and named. Throws `INVALID_DATA` if there are more. */
function ofOneSize(found: readonly Placed[]): { readonly placed: Placed[]; readonly strays: readonly SkippedFile[] } {
  const counts = new Map<string, number>();
  const sizeOf = ({ rows }: Placed) => rows.shape.slice(0, 2).join(" × ");
  for (const image of found) counts.set(sizeOf(image), (counts.get(sizeOf(image)) ?? 0) + 1);
  const [usual] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), ["", 0] as const);
  const others = found.filter((image) => sizeOf(image) !== usual);
  if (others.length > STRAYS * found.length) {
    const first = found.find((image) => sizeOf(image) === usual)!;
    throw otherSize(first, others[0]!);
  }
  const strays = others.map((image) => ({
    name: image.name,
    reason: `its size is ${sizeOf(image)}, but nearly all others are ${usual}; it is used if the images are resized`,
  }));
  return { placed: found.filter((image) => sizeOf(image) === usual), strays };
}

/** Whether two images differ in height or width. */
export const hasOtherSize = (first: Found, { rows }: Found): boolean =>
  first.rows.shape[0] !== rows.shape[0] || first.rows.shape[1] !== rows.shape[1];

/** The error for images of different sizes. */
export const otherSize = (first: Found, other: Found): UnequalSizes => new UnequalSizes(sized(first), sized(other));

const sized = ({ name, rows: { shape } }: Found) => ({ name, height: shape[0], width: shape[1] });

/** What a list says about the images, or what their names say. */
function layoutOf(all: readonly Found[], source: string, pattern: string | undefined): Layout {
  const isListed = all.some(({ listed }) => listed !== undefined);
  if (isListed && pattern !== undefined)
    throw new InklingError(
      "INVALID_ARGUMENT",
      message`${source} lists the class of each image; omit ${optionRef("classPattern")}`,
    );
  if (isListed) return { placements: all.map(({ listed }) => listed!), reading: [] };
  const names = all.map(({ path }) => path);
  return pattern === undefined ? readLayout(names, source) : readPattern(names, pattern);
}

const SHOWN = 3;

/** What is ignored: hidden files, and folders without files, which are not classes. */
function asides({ hidden, folders, unreadable }: Rest, all: readonly Found[]): readonly string[] {
  const filled = new Set<string>();
  for (const { name } of [...all, ...unreadable])
    for (let at = name.indexOf("/"); at >= 0; at = name.indexOf("/", at + 1)) filled.add(name.slice(0, at));
  const inner = new Set(folders.map((name) => name.slice(0, Math.max(0, name.lastIndexOf("/")))));
  const empty = folders.filter((name) => !filled.has(name) && !inner.has(name));
  const some = (names: readonly string[]) => listed(names.toSorted(), SHOWN);
  return [
    ...(empty.length > 0 ? [`empty folders are not classes: ${some(empty)}`] : []),
    ...(hidden.length > 0 ? [`hidden files are ignored: ${some(hidden)}`] : []),
  ];
}

/** Why a file is skipped that does not claim to be a picture. */
export const NOT_A_PICTURE = "it is not a picture";

function tooFew(
  all: readonly Found[],
  { unreadable, lists }: Rest,
  source: string,
  classNames: readonly string[],
  skipped: readonly SkippedFile[],
  isFolder: boolean,
): InklingError {
  const images = all.map(({ name }) => name);
  const others = unreadable.map(({ name }) => name);
  const advice = adviseOn({ source, images, others, lists, isFolder });
  if (advice?.isA !== undefined) return new InklingError("INVALID_DATA", `${source} is ${advice.isA}`);
  const problem =
    classNames.length === 0 ? "has no readable image in a class folder" : `has only one class, "${classNames[0]}"`;
  if (advice) {
    const found = `${source} ${problem}; ${advice.text}`;
    const { pattern } = advice;
    return new InklingError(
      "INVALID_DATA",
      pattern === undefined ? found : message`${found}: use ${optionRef("classPattern", pattern)}`,
    );
  }
  const pictures = skipped.filter(({ reason }) => reason !== NOT_A_PICTURE);
  if (all.length === 0 && pictures.length > 0) {
    const many = pictures.length === 1 ? "its only picture cannot" : `none of its ${pictures.length} pictures can`;
    return new InklingError("INVALID_DATA", `${source}: ${many} be read; ${reasonsOf(pictures)}`);
  }
  const left =
    skipped.length === 0
      ? "there are no other files"
      : `${quantity(skipped.length, "file")} skipped: ${reasonsOf(skipped)}`;
  const expected = `expected a folder of images (${FILE_KINDS}) for each of at least two classes`;
  return new InklingError("INVALID_DATA", `${source} ${problem}; ${expected} (${left})`);
}

/** The most reasons that a message gives. */
const REASONS = 2;

/** The most frequent reasons why files are skipped, each with an example: `a.png and 3 more: it is damaged`. */
function reasonsOf(skipped: readonly SkippedFile[]): string {
  const byReason = new Map<string, string[]>();
  for (const { name, reason } of skipped) byReason.set(reason, [...(byReason.get(reason) ?? []), name]);
  return [...byReason]
    .sort(([, a], [, b]) => b.length - a.length)
    .slice(0, REASONS)
    .map(([reason, names]) => `${listed(names, 2, 1)}: ${reason}`)
    .join("; ");
}
