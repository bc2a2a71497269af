import { concatBytes } from "../base/bytes.ts";
import { InklingError } from "../base/error.ts";
import { type Dataset, validateDataset } from "../datasets/dataset.ts";
import type { Format, NamedBytes, SaveOptions } from "../formats/format.ts";
import { formatNames, formats } from "../formats/formats.ts";
import { providedPlatform } from "./platform.ts";

/** How to save or encode a data set. */
export interface EncodeOptions extends SaveOptions {
  /** One of {@link formatNames}. Default: what the end of the name says. */
  readonly format?: string;
}

/**
 * The files that hold a data set in one of the forms that {@link openDataset} reads, for a page to offer them for
 * download: one for most forms, several for IDX, `.npy`, lists and folders. The form is told by the end of the name (a
 * folder's is `/`) unless `format` names it. They have the contents that `saveDataset` of `inkling/node` writes, but for
 * how well they are compressed. Throws `INVALID_ARGUMENT`, and `INVALID_DATA` for what the form cannot hold.
 */
export async function encodeDataset(
  dataset: Dataset,
  name: string,
  { format, ...options }: EncodeOptions = {},
): Promise<readonly NamedBytes[]> {
  const files: NamedBytes[] = [];
  const own = name.replace(/\/+$/, "");
  for (const file of formatOf(name, format).encode(validateDataset(dataset), own, options, providedPlatform())) {
    const pieces: Uint8Array[] = [];
    for await (const piece of file.contents) pieces.push(piece);
    if (!file.name.endsWith("/")) files.push({ name: file.name, bytes: concatBytes(pieces) });
  }
  return files;
}

/** The format for a name, unless one is given. Throws `INVALID_ARGUMENT`. */
export function formatOf(path: string, format: string | undefined): Format {
  const chosen = formats.find(({ id, extensions }) =>
    format === undefined ? extensions.some((extension) => path.endsWith(extension)) : id === format,
  );
  if (chosen) return chosen;
  throw new InklingError(
    "INVALID_ARGUMENT",
    format === undefined
      ? `${path}: its name does not identify the format; use one of the extensions ${formats.flatMap(({ extensions }) => extensions).join(", ")}, or set format (--format) to one of ${formatNames.join(", ")}`
      : `format is ${format}, expected one of ${formatNames.join(", ")}`,
  );
}
