import { basename, dirname } from "node:path";
import { InklingError } from "../../base/error.ts";
import { writeFileAtomic, writeFilesAtomic } from "../../base/node/writeFile.ts";
import { type AnyDataset, type Dataset, validateDataset } from "../../datasets/dataset.ts";
import { type Fixes, formatFixes } from "../../datasets/fixes.ts";
import type { Format, SaveOptions } from "../../formats/format.ts";
import { formats } from "../../formats/formats.ts";
import { type PackOptions, packPieces } from "../../formats/pack.ts";
import { nodePlatform } from "./platform.ts";

/** What `format` may be. */
export const formatNames: readonly string[] = formats.map(({ id }) => id);

/**
 * Writes a data set in one of the forms that `openDataset` reads, told by the end of the path's name (a folder's is
 * `/`) unless `format` names it. A file is replaced as a whole; a folder must be empty or not there. Forms differ in
 * what they hold: groups are kept by .inkling, .npz and lists, splits by .pickle, and images of folders, archives and lists
 * are read back ordered by class. Throws `INVALID_ARGUMENT`, `FILE_SYSTEM`, `INVALID_DATA` for what the form cannot hold.
 */
export async function saveDataset(
  dataset: Dataset,
  path: string,
  { format, ...options }: SaveOptions & { readonly format?: string } = {},
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

/** The form that a path's name asks for, unless a format does. Throws `INVALID_ARGUMENT`. */
export function formatOf(path: string, format: string | undefined): Format {
  const chosen = formats.find(({ id, extensions }) =>
    format === undefined ? extensions.some((extension) => path.endsWith(extension)) : id === format,
  );
  if (chosen) return chosen;
  throw new InklingError(
    "INVALID_ARGUMENT",
    format === undefined
      ? `${path}: its name tells no format; end it in ${formats.flatMap(({ extensions }) => extensions).join(", ")}, or give format (--format), one of ${formatNames.join(", ")}`
      : `format is ${format}, expected one of ${formatNames.join(", ")}`,
  );
}
