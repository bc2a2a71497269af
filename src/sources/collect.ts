import { InklingError } from "../base/error.ts";
import type { Dataset, Provenance, SkippedFile } from "../datasets/dataset.ts";
import { ImageRows } from "../datasets/imageRows.ts";
import { isPictureName } from "../formats/columns.ts";
import { type DecodedNames, decodeNames, escapedName } from "../formats/encodings.ts";
import { type Entry, HEAD_BYTES, type ImageFiles, type ReadOptions } from "../formats/format.ts";
import type { Platform } from "../formats/platform.ts";
import { fileKind, otherKind } from "../image/header.ts";
import { checkImageOptions, type Image } from "../image/image.ts";
import { assemble, type Found, hasOtherSize, NOT_A_PICTURE, otherSize, type ReadAgain } from "./assemble.ts";
import { checkClassPattern } from "./classPattern.ts";
import { decodeEntries } from "./decodeEntries.ts";

/** The depth assigned to files whose class is given by a list. */
const LISTED_DEPTH = 2;
/** Files between two calls of `onProgress`. */
const PROGRESS_EVERY = 500;
/** The most bytes of images that differ in size from the first one at their depth, after which reading is given up. */
const MAX_UNEVEN = 2 ** 26;

/** Files that may list the classes of images, of whose start {@link HEAD_BYTES} are kept. */
const LIST = /\.(csv|tsv|jsonl?|txt)$/i;

/** A source of image files. */
export interface Collected extends Provenance, Omit<ImageFiles, "entries" | "description"> {
  /** Whether it is a folder, whose files can be opened by themselves. Default: false. */
  readonly isFolder?: boolean;
}

/**
 * Makes a data set from image files, whose classes are what a list says, or their folders: see {@link assemble}. Rows are
 * ordered by class, then by file name, so that an archive and a folder of the same files give the same data set. Files
 * that are not readable images, or in no class folder, are skipped and listed in `skipped`. If the images together show
 * that they must be read in another way, the options for it are returned instead. Throws `INVALID_DATA` for images of
 * different sizes (unless `resize` is given), no images, or fewer than two classes, and `ABORTED` if the signal is aborted.
 */
export async function collect(
  entries: AsyncIterable<Entry>,
  { totalBytes, notes, dosNames, isFolder = false, ...provenance }: Collected,
  options: ReadOptions,
  platform: Platform,
): Promise<Dataset | ReadAgain> {
  checkImageOptions(options);
  checkClassPattern(options.classPattern);
  // By name, i.e. by its bytes: a later file of the same name replaces an earlier one, as when extracting an archive.
  const found = new Map<string, Found>();
  const unreadable = new Map<string, SkippedFile>();
  const aside = { hidden: new Set<string>(), folder: new Set<string>() };
  const lists = new Map<string, Uint8Array>();
  // Only images at the same depth must have the same size; those at a different depth than most are skipped anyway.
  const firsts = new Map<number, Found>();
  const stores = new Map<string, ImageRows>();
  const intern = interner();
  let replaced = 0;
  const forget = (name: string) => {
    const before = found.get(name);
    if (before && firsts.get(before.depth) === before) firsts.delete(before.depth);
    if (found.delete(name) || unreadable.delete(name)) replaced++;
  };
  let files = 0;
  let bytes = 0;
  let uneven = 0;
  const report = () => options.onProgress?.({ images: files, bytes, ...(totalBytes !== undefined && { totalBytes }) });
  try {
    for await (const some of decodeEntries(entries, options, platform)) {
      if (options.signal?.aborted) break;
      for (const { entry, image } of some) {
        const parts = entry.name.split("/").filter((part) => part !== "" && part !== ".");
        const name = `${entry.name.startsWith("/") ? "/" : ""}${parts.join("/")}`;
        if (entry.aside) {
          aside[entry.aside].add(name);
          continue;
        }
        forget(name);
        const reason = entry.unread ?? nameProblem(entry.name, parts);
        if (reason !== undefined || typeof image === "string") {
          unreadable.set(name, { name, reason: reason ?? whyUnreadable(entry, image) });
          if (LIST.test(name)) lists.set(name, entry.bytes.slice(0, HEAD_BYTES));
        } else {
          options.onImageFile?.(entry.bytes);
          const { className, group, part } = entry;
          const depth = className === undefined ? parts.length : LISTED_DEPTH;
          const first = firsts.get(depth);
          const listed = className === undefined ? undefined : { className: intern(className), group, part };
          const rows = store(stores, depth, image);
          const share = totalBytes ? entry.read / totalBytes : 0;
          const row = rows.push(image.pixels, share);
          const next = { name, path: name, listed, file: parts.at(-1)!, depth, rows, row, stored: image.stored };
          found.set(name, next);
          if (!first) firsts.set(depth, next);
          // A stray file is skipped at the end; many images of other sizes are rejected before they fill the memory.
          else if (hasOtherSize(first, next) && (uneven += image.pixels.length) > MAX_UNEVEN)
            throw otherSize(first, next);
        }
        files++;
        bytes = entry.read;
        if (files % PROGRESS_EVERY === 0) report();
      }
    }
  } catch (error) {
    if (!options.signal?.aborted) throw error;
  }
  if (options.signal?.aborted)
    throw new InklingError("ABORTED", `reading ${provenance.source} was stopped after ${files} files`, {
      cause: options.signal.reason,
    });
  bytes = totalBytes ?? bytes;
  report();
  const names = decodeNames([...found.keys(), ...unreadable.keys()], dosNames);
  const { textOf } = names;
  const images = Array.from(found.values(), (image) => decodedImage(image, names, found));
  const rest = {
    unreadable: Array.from(unreadable.values(), ({ name, reason }) => ({ name: textOf(name), reason })),
    hidden: Array.from(aside.hidden, textOf),
    folders: Array.from(aside.folder, textOf),
    lists: new Map(Array.from(lists, ([name, start]) => [textOf(name), start])),
    notes: [...(notes?.() ?? []), ...names.notes, ...(replaced > 0 ? [replacement(replaced)] : [])],
  };
  return assemble(images, rest, provenance, options, isFolder);
}

/** An image whose name is text. A name that is that of another image then keeps its bytes, escaped. */
function decodedImage(image: Found, { textOf }: DecodedNames, found: ReadonlyMap<string, Found>): Found {
  const { name, file } = image;
  const path = textOf(name);
  if (path === name) return image;
  return { ...image, name: found.has(path) ? escapedName(name) : path, path, file: textOf(file) };
}

const replacement = (count: number): string =>
  `${count === 1 ? "one file" : `${count} files`} replaced by a later one of the same name, as when extracting`;

/** Why a file is not decoded. What does not claim to be a picture, such as a README, is not to be converted to one. */
const whyUnreadable = ({ name, bytes }: Entry, reason: unknown): string =>
  bytes.length > 0 && !isPictureName(name) && fileKind(bytes) === undefined && otherKind(bytes) === undefined
    ? NOT_A_PICTURE
    : String(reason);

/** Why a name is not acceptable; undefined if it is. */
function nameProblem(name: string, parts: readonly string[]): string | undefined {
  if (name.startsWith("/")) return "its name is absolute";
  if (name.split(/[\\/]/).includes("..")) return 'its name contains ".."';
  return parts.length === 0 ? "it has no name" : undefined;
}

/** Interns strings, so that half a million files do not each hold their own copy of the class name. */
function interner(): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    if (!known.has(text)) known.set(text, text);
    return known.get(text)!;
  };
}

/** The store for images of this depth and shape. */
function store(stores: Map<string, ImageRows>, depth: number, { height, width, channels }: Image): ImageRows {
  const key = `${depth} ${height} ${width} ${channels}`;
  const rows = stores.get(key) ?? new ImageRows([height, width, channels]);
  stores.set(key, rows);
  return rows;
}
