import type { AnyDataset, Dataset } from "../datasets/dataset.ts";
import { openPlace, streamPlace } from "./openPlace.ts";
import { type DataSource, placeOf, type SourceOptions } from "./placeOf.ts";
import { providedPlatform } from "./platform.ts";

/**
 * Opens a data set in any format that `openDataset` of `inkling/node` opens, with the same {@link fingerprint}. The format
 * is recognized by the first bytes, not by the name. Several files are treated as a folder: IDX files, or a folder of
 * images for each class. If one of them is to be opened, such as images.npy next to labels.npy, or list.csv next to its
 * images, name it with `file`. A URL is fetched into memory; append `#training`, `#validation` or `#test` for one part.
 * Unreadable images are left out and listed in `skipped`.
 *
 * Throws `UNKNOWN_FORMAT`, `INVALID_DATA` (damaged, no images, one class only, images of different sizes without
 * `resize`), `INVALID_ARGUMENT` for options, `NOT_FOUND` where files are missing, `FILE_SYSTEM` where the browser
 * refuses to read, `NETWORK` for an address, and `ABORTED`.
 */
export async function openDataset(source: DataSource, options: SourceOptions = {}): Promise<Dataset> {
  const { place, part } = await placeOf(source, options);
  return openPlace(place, { ...options, ...part }, providedPlatform());
}

/**
 * Like {@link openDataset}, but the images of an uncompressed `.inkling` file are read on demand if they can be read
 * synchronously: from bytes in memory, or from a File in a worker. Otherwise, as in the page itself or with `resize` or
 * `channels`, they are read into memory.
 */
export async function openStreamed(source: DataSource, options: SourceOptions = {}): Promise<AnyDataset> {
  const { place, part } = await placeOf(source, options);
  return streamPlace(place, { ...options, ...part }, providedPlatform());
}
