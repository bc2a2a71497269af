import { copyRows } from "../base/bytes.ts";
import { InklingError, kindOf } from "../base/error.ts";
import { quoted } from "../base/printable.ts";
import type { ImageShape } from "../image/image.ts";
import { checkPixels } from "../image/pixels.ts";
import type { Conversion } from "../pictures/preparation.ts";
import { splitNames } from "./splitSizes.ts";

/** Where a data set comes from, for display and for reports. */
export interface Provenance {
  /** A file name, a folder or a URL. */
  readonly source: string;
  /** What it is, in a sentence. */
  readonly description: string;
  readonly license?: string;
  /**
   * How the source was read, in a line that begins with its format. A format that had to choose a reading, such as the
   * range of the pixel values, adds a clause by `withReading`; opening the source puts the rest before it.
   */
  readonly reading?: string;
}

/** A file of the source that could not be used, and why. */
export interface SkippedFile {
  readonly name: string;
  readonly reason: string;
}

/** Labeled images in memory. Every source is read into this form. */
export interface Dataset {
  /** [N, H, W, C], row-major, 0 … 255. */
  readonly images: Uint8Array;
  /** Shape [N]: class indices into `classNames`. */
  readonly labels: Uint16Array;
  readonly imageShape: ImageShape;
  readonly classNames: readonly string[];
  /** Shape [N]: group numbers. Rows of one group, e.g. the letters of one font family, are kept together in splits. */
  readonly groups?: Uint32Array;
  /**
   * Shape [N]: the split that the source gives each image, 0 for training, 1 for
   * validation, 2 for test. Trainings use it as it is; absent if the source is not split.
   */
  readonly parts?: Uint8Array;
  /** Shape [N]: each image's file in the source, such as letters/A/1.png, if the source consists of files. */
  readonly names?: readonly string[];
  readonly provenance: Provenance;
  /** What was done to the images; absent if they are as they are stored. */
  readonly conversion?: Conversion;
  /** Files of the source that are not in the data set. */
  readonly skipped: readonly SkippedFile[];
}

/** Labeled images that are read on demand, for data sets that do not fit in memory. */
export interface StreamedDataset extends Omit<Dataset, "images"> {
  /** Copies the images [H, W, C] of the given rows, in their order, to the start of the target. */
  readonly read: (rows: ArrayLike<number>, target: Uint8Array) => void;
  /** SHA-256 of all images in lowercase hex, if known; otherwise {@link fingerprint} reads them all. */
  readonly imagesSha256?: string;
  /** Shape [N]: the CRC-32 of each image, if known; otherwise a search for duplicates reads them all. */
  readonly crc32?: Uint32Array;
}

/** Labeled images, in memory or read on demand. */
export type AnyDataset = Dataset | StreamedDataset;

const invalid = (message: string): InklingError => new InklingError("INVALID_DATA", `data set: ${message}`);

/** The number of bytes of one image, H·W·C. */
export const bytesPerImage = ({ imageShape: [height, width, channels] }: Pick<Dataset, "imageShape">): number =>
  height * width * channels;

/**
 * Checks a data set for consistency and returns it: it has all that a `Dataset` must have, H, W and C are positive integers, there are N·H·W·C bytes of images,
 * labels are valid class indices, class names are unique and not empty, and groups, parts and names, if any, have one
 * entry per row. Throws `INVALID_DATA`.
 */
export function validateDataset<D extends AnyDataset>(dataset: D): D {
  checkFields(dataset);
  const { labels, imageShape, classNames, groups, parts, names } = dataset;
  if (imageShape.length !== 3 || !imageShape.every((extent) => Number.isInteger(extent) && extent > 0))
    throw invalid(`imageShape is (${imageShape.join(", ")}), expected [height, width, channels], whole and positive`);
  if (classNames.length < 1 || classNames.length > 65536)
    throw invalid(`it has ${classNames.length} class names, expected 1 to 65,536`);
  const seen = new Set<string>();
  const repeated = classNames.find((name) => name === "" || seen.size === seen.add(name).size);
  if (repeated !== undefined)
    throw invalid(`class name ${quoted(repeated)} is empty or repeated; class names must be unique`);
  const expected = labels.length * bytesPerImage(dataset);
  if ("images" in dataset && dataset.images.length !== expected)
    throw invalid(
      `images has ${dataset.images.length} bytes, expected ${expected} for ${labels.length} labels and images of (${imageShape.join(", ")})`,
    );
  if (groups && groups.length !== labels.length)
    throw invalid(`there are ${groups.length} groups for ${labels.length} labels, expected one per image`);
  if (parts && parts.length !== labels.length)
    throw invalid(`there are ${parts.length} parts for ${labels.length} labels, expected one per image`);
  const unknown = parts?.findIndex((part) => part >= splitNames.length) ?? -1;
  if (unknown >= 0)
    throw invalid(
      `part of image ${unknown} is ${parts![unknown]}, expected 0 for training, 1 for validation or 2 for test`,
    );
  if (names && names.length !== labels.length)
    throw invalid(
      `there are ${names.length} names for ${labels.length} labels, expected one per image or no names at all`,
    );
  const wrong = labels.findIndex((label) => !(Number.isInteger(label) && label >= 0 && label < classNames.length));
  if (wrong >= 0) throw invalid(`label of image ${wrong} is ${labels[wrong]}, expected 0 to ${classNames.length - 1}`);
  return dataset;
}

/** Throws `INVALID_DATA` unless a caller's data set has the fields that every data set has, with values of their types. */
export function checkFields(dataset: AnyDataset): void {
  if (typeof dataset !== "object" || dataset === null)
    throw invalid(
      `it is ${kindOf(dataset)}, expected images, labels and what else a Dataset has; openDataset reads one`,
    );
  const { labels, imageShape, classNames, provenance } = dataset;
  for (const [name, list] of Object.entries({ labels, imageShape, classNames }))
    if (!Array.isArray(list) && !ArrayBuffer.isView(list))
      throw invalid(`${name} is ${kindOf(list)}, expected ${fieldTypes[name as keyof typeof fieldTypes]}`);
  if (typeof provenance?.source !== "string")
    throw invalid(`provenance is ${kindOf(provenance)}, expected { source, description }: where the images come from`);
  if ("read" in dataset) {
    if (typeof dataset.read !== "function")
      throw invalid(`read is ${kindOf(dataset.read)}, expected a function that copies the images of rows`);
  } else checkPixels("data set: images", dataset.images, ["Uint8Array"], "INVALID_DATA");
}

const fieldTypes = {
  labels: "a Uint16Array with the class number of each image",
  imageShape: "[height, width, channels]",
  classNames: "an array of the names of all classes",
};

/** A provenance whose reading has one more clause. */
export const withReading = (provenance: Provenance, clause: string): Provenance => ({
  ...provenance,
  reading: provenance.reading === undefined ? clause : `${provenance.reading}; ${clause}`,
});

/** The indices of all rows: 0 … N − 1. */
export const allRows = ({ labels }: Pick<Dataset, "labels">): Uint32Array => Uint32Array.from(labels, (_, row) => row);

/**
 * The given rows, in the order given, as a new data set; a row may be repeated. Images in memory are copied, others stay where
 * they are. Throws `INVALID_ARGUMENT` for a row that is out of range.
 */
export function subset<D extends AnyDataset>(dataset: D, rows: ArrayLike<number>): D {
  checkFields(dataset);
  const chosen = checkedRows(dataset, rows);
  const images = "images" in dataset ? copied(dataset, chosen) : selected(dataset, chosen);
  return { ...images, ...valuesOf(dataset, chosen) } as AnyDataset as D;
}

function copied(dataset: Dataset, rows: Uint32Array): Dataset {
  const images = new Uint8Array(rows.length * bytesPerImage(dataset));
  copyRows(dataset.images, bytesPerImage(dataset), rows, images);
  return { ...dataset, images };
}

function selected({ imagesSha256: _, crc32, ...dataset }: StreamedDataset, chosen: Uint32Array): StreamedDataset {
  const read: StreamedDataset["read"] = (rows, target) =>
    dataset.read(
      Uint32Array.from(rows, (i) => chosen[i]!),
      target,
    );
  return { ...dataset, read, ...(crc32 && { crc32: Uint32Array.from(chosen, (row) => crc32[row]!) }) };
}

function checkedRows({ labels }: Pick<Dataset, "labels">, rows: ArrayLike<number>): Uint32Array {
  const chosen = Uint32Array.from(rows);
  for (const [i, row] of chosen.entries())
    if (row >= labels.length || row !== rows[i])
      throw new InklingError(
        "INVALID_ARGUMENT",
        `subset: row ${rows[i]} is out of range, expected 0 to ${labels.length - 1}`,
      );
  return chosen;
}

/** What a data set says about each of the given rows. */
const valuesOf = ({ labels, groups, parts, names }: Omit<Dataset, "images">, rows: Uint32Array) => ({
  labels: Uint16Array.from(rows, (row) => labels[row]!),
  ...(groups && { groups: Uint32Array.from(rows, (row) => groups[row]!) }),
  ...(parts && { parts: Uint8Array.from(rows, (row) => parts[row]!) }),
  ...(names && { names: Array.from(rows, (row) => names[row]!) }),
});
