import { basename, dirname } from "node:path";
import { writeFileAtomic, writeFilesAtomic } from "../../base/node/writeFile.ts";
import { type AnyDataset, type Dataset, validateDataset } from "../../datasets/dataset.ts";
import { type Fixes, formatFixes } from "../../datasets/fixes.ts";
import { type PackOptions, packPieces } from "../../formats/pack.ts";
import { type EncodeOptions, formatOf } from "../encodeDataset.ts";
import { nodePlatform } from "./platform.ts";

/**
 * Writes a data set in one of the formats that `openDataset` reads, determined by the end of the path (`/` is a folder)
 * unless `format` is given. Files are replaced atomically; a folder must be empty or not exist. Formats differ in what
 * they store: groups are kept by .inkling, .npz and lists, splits by .pickle, and images in folders, archives and lists
 * are read back ordered by class. Throws `INVALID_ARGUMENT`, `FILE_SYSTEM`, and `INVALID_DATA` for data that the format
 * cannot represent.
 */
export async function saveDataset(
  dataset: Dataset,
  path: string,
  { format, ...options }: EncodeOptions = {},
): Promise<void> {
  const name = basename(path);
  const files = formatOf(path, format).encode(validateDataset(dataset), name, options, nodePlatform);
  await writeFilesAtomic(dirname(path), files, name);
}

/** Writes the parts of a data set into a folder, all of them or none, so that no image is in two. Throws as {@link saveDataset} does. */
export async function saveParts(
  folder: string,
  parts: readonly { readonly name: string; readonly dataset: Dataset }[],
  format: string,
): Promise<void> {
  function* files() {
    for (const { name, dataset } of parts)
      yield* formatOf(name, format).encode(validateDataset(dataset), name, {}, nodePlatform);
  }
  await writeFilesAtomic(folder, files(), parts[0]?.name);
}

/**
 * Writes a data set to an `.inkling` file; a streamed data set takes little memory. Throws `FILE_SYSTEM`, and
 * `INVALID_DATA` for an inconsistent data set.
 */
export const savePack = (dataset: AnyDataset, path: string, options?: PackOptions): Promise<void> =>
  writeFileAtomic(path, packPieces(dataset, options));

/** Writes a fixes file. Throws `FILE_SYSTEM`. */
export const writeFixes = (path: string, fixes: Fixes): Promise<void> => writeFileAtomic(path, formatFixes(fixes));
