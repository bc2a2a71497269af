import { InklingError } from "../../base/error.ts";
import { type Dataset, validateDataset } from "../../datasets/dataset.ts";
import type { Format, SaveOptions } from "../../formats/node/format.ts";
import { formats } from "../../formats/node/formats.ts";

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
  await formatOf(path, format).save(validateDataset(dataset), path, options);
}

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
