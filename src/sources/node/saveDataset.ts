import { basename, dirname } from "node:path";
import { writeFileAtomic, writeFilesAtomic } from "../../base/node/writeFile.ts";
import { type AnyDataset, type Dataset, validateDataset } from "../../datasets/dataset.ts";
import { type Fixes, formatFixes } from "../../datasets/fixes.ts";
import { type PackOptions, packPieces } from "../../formats/pack.ts";
import { type EncodeOptions, formatOf } from "../encodeDataset.ts";
import { nodePlatform } from "./platform.ts";

/**
 * Writes a data set in one of the forms that `openDataset` reads, told by the end of the path's name (a folder's is
 * `/`) unless `format` names it. A file is replaced as a whole; a folder must be empty or not there. Forms differ in
 * what they hold: groups are kept by .inkling, .npz and lists, splits by .pickle, and images of folders, archives and lists
 * are read back ordered by class. Throws `INVALID_ARGUMENT`, `FILE_SYSTEM`, `INVALID_DATA` for what the form cannot hold.
 */
export async function saveDataset(
  dataset: Dataset,
  path: string,
  { format, ...options }: EncodeOptions = {},
): Promise<void> {
  const files = formatOf(path, format).encode(validateDataset(dataset), basename(path), options, nodePlatform);
  await writeFilesAtomic(dirname(path), files);
}

/**
 * Writes a data set as one `.inkling` file; a streamed one needs little memory. Throws `FILE_SYSTEM`, and `INVALID_DATA`
 * for a data set that does not fit together.
 */
export const savePack = (dataset: AnyDataset, path: string, options?: PackOptions): Promise<void> =>
  writeFileAtomic(path, packPieces(dataset, options));

/** Writes a fixes file. Throws `FILE_SYSTEM`. */
export const writeFixes = (path: string, fixes: Fixes): Promise<void> => writeFileAtomic(path, formatFixes(fixes));
