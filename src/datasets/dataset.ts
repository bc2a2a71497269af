import { InklingError } from "../base/error.ts";
import type { ImageShape } from "../image/image.ts";

/** Where a data set comes from, for display and for reports. */
export interface Provenance {
  /** A file name, a folder or a URL. */
  readonly source: string;
  /** What it is, in a sentence. */
  readonly description: string;
  readonly license?: string;
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
  /** Shape [N]: each image's file in the source, such as letters/A/1.png, if the source consists of files. */
  readonly names?: readonly string[];
  readonly provenance: Provenance;
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
 * Checks a data set for consistency and returns it: H, W and C are positive integers, there are N·H·W·C bytes of images,
 * labels are valid class indices, class names are unique and not empty, and groups and names, if any, have one entry per
 * row. Throws `INVALID_DATA`.
 */
export function validateDataset<D extends AnyDataset>(dataset: D): D {
  const { labels, imageShape, classNames, groups, names } = dataset;
  if (imageShape.length !== 3 || !imageShape.every((extent) => Number.isInteger(extent) && extent > 0))
    throw invalid(`imageShape is (${imageShape.join(", ")}), expected [height, width, channels], whole and positive`);
  if (classNames.length < 1 || classNames.length > 65536)
    throw invalid(`it has ${classNames.length} class names, expected 1 to 65,536`);
  const seen = new Set<string>();
  const repeated = classNames.find((name) => name === "" || seen.size === seen.add(name).size);
  if (repeated !== undefined)
    throw invalid(`class name "${repeated}" is empty or repeated; class names must be unique`);
  const expected = labels.length * bytesPerImage(dataset);
  if ("images" in dataset && dataset.images.length !== expected)
    throw invalid(
      `images has ${dataset.images.length} bytes, expected ${expected} for ${labels.length} labels and images of (${imageShape.join(", ")})`,
    );
  if (groups && groups.length !== labels.length)
    throw invalid(`there are ${groups.length} groups for ${labels.length} labels, expected one per image`);
  if (names && names.length !== labels.length)
    throw invalid(
      `there are ${names.length} names for ${labels.length} labels, expected one per image or no names at all`,
    );
  const wrong = labels.findIndex((label) => label >= classNames.length);
  if (wrong >= 0) throw invalid(`label of image ${wrong} is ${labels[wrong]}, expected 0 to ${classNames.length - 1}`);
  return dataset;
}

/** The indices of all rows: 0 … N − 1. */
export const allRows = ({ labels }: Pick<Dataset, "labels">): Uint32Array => Uint32Array.from(labels, (_, row) => row);

/**
 * Copies the given rows, in the order given, to a new data set; a row may be repeated. Throws `INVALID_ARGUMENT` for a row
 * that is out of range.
 */
export function subset(dataset: Dataset, rows: ArrayLike<number>): Dataset {
  const { images, labels, groups, names } = dataset;
  const size = bytesPerImage(dataset);
  const chosen = Uint32Array.from(rows);
  const chosenImages = new Uint8Array(chosen.length * size);
  for (const [i, row] of chosen.entries()) {
    if (row >= labels.length || row !== rows[i])
      throw new InklingError(
        "INVALID_ARGUMENT",
        `subset: row ${rows[i]} is out of range, expected 0 to ${labels.length - 1}`,
      );
    chosenImages.set(images.subarray(row * size, (row + 1) * size), i * size);
  }
  return {
    ...dataset,
    images: chosenImages,
    labels: Uint16Array.from(chosen, (row) => labels[row]!),
    ...(groups && { groups: Uint32Array.from(chosen, (row) => groups[row]!) }),
    ...(names && { names: Array.from(chosen, (row) => names[row]!) }),
  };
}
