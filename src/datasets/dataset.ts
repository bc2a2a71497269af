import { InklingError } from "../base/error.ts";
import type { ImageShape } from "../image/image.ts";

/** Where a data set comes from, for people and for reports. */
export interface Provenance {
  /** A file name, a folder or an address. */
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

/** Labelled images in memory. Every source is read into this one form. */
export interface Dataset {
  /** [N, H, W, C], row-major, 0 … 255. */
  readonly images: Uint8Array;
  /** [N], numbers of classes: positions in `classNames`. */
  readonly labels: Uint16Array;
  readonly imageShape: ImageShape;
  readonly classNames: readonly string[];
  /** [N] numbers of groups: rows of one group never part when the data are split, e.g. the letters of one font family. */
  readonly groups?: Uint32Array;
  /** [N], the file of each image in the source, such as letters/A/1.png, where the source has files. */
  readonly names?: readonly string[];
  readonly provenance: Provenance;
  /** Files that the source has and the data set has not. */
  readonly skipped: readonly SkippedFile[];
}

/** Labelled images that are read when they are needed, such as more than fit in memory. */
export interface StreamedDataset extends Omit<Dataset, "images"> {
  /** Copies the images of some rows, [H, W, C] each, to the front of the target, in the order of the rows. */
  readonly read: (rows: ArrayLike<number>, target: Uint8Array) => void;
  /** SHA-256 of all images in lower-case hex, where it is known; otherwise {@link fingerprint} reads them all. */
  readonly imagesSha256?: string;
  /** [N], the CRC-32 of each image, where it is known; otherwise a search for duplicates reads them all. */
  readonly crc32?: Uint32Array;
}

/** Labelled images, in memory or not. */
export type AnyDataset = Dataset | StreamedDataset;

const invalid = (message: string): InklingError => new InklingError("INVALID_DATA", `data set: ${message}`);

/** The number of bytes of one image, H·W·C. */
export const bytesPerImage = ({ imageShape: [height, width, channels] }: Pick<Dataset, "imageShape">): number =>
  height * width * channels;

/**
 * The same data set, after its parts are found to fit together: H, W, C whole and positive, images
 * N·H·W·C bytes, labels within the classes, class names distinct, one group and one name a row. Throws `INVALID_DATA`.
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

/** The numbers of all rows, in order. */
export const allRows = ({ labels }: Pick<Dataset, "labels">): Uint32Array => Uint32Array.from(labels, (_, row) => row);

/** The rows asked for, in the order given, copied; the same row may come twice. Throws `INVALID_ARGUMENT`. */
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
