import { concatBytes } from "../base/bytes.ts";
import { InklingError, message, optionRef } from "../base/error.ts";
import { type Dataset, validateDataset } from "../datasets/dataset.ts";
import type { NamedBytes, SavedFormat, SaveOptions } from "../formats/format.ts";
import { formatNames, formats, isSaved } from "../formats/formats.ts";
import { providedPlatform } from "./platform.ts";

/** How to save or encode a data set. */
export interface EncodeOptions extends SaveOptions {
  /** One of {@link formatNames}. Default: determined by the end of the name. */
  readonly format?: string;
}

/**
 * Encodes a data set in one of the formats that {@link openDataset} reads, e.g. for a page to offer as a download: one
 * file in most formats, several for IDX, `.npy`, lists and folders. The end of the name determines the format (`/` is a
 * folder) unless `format` is given. Apart from compression, the contents are the same as those that `saveDataset` of
 * `inkling/node` writes. Throws `INVALID_ARGUMENT`, and `INVALID_DATA` for data that the format cannot represent.
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

/** The format given, or else determined by the path. Throws `INVALID_ARGUMENT`. */
export function formatOf(path: string, format: string | undefined): SavedFormat {
  const chosen = formats
    .filter(isSaved)
    .find(({ id, extensions }) =>
      format === undefined ? extensions.some((extension) => path.endsWith(extension)) : id === format,
    );
  if (chosen) return chosen;
  throw new InklingError(
    "INVALID_ARGUMENT",
    format === undefined
      ? message`${path}: its name does not identify the format; use one of the extensions ${formats.flatMap(({ extensions }) => extensions).join(", ")}, or set ${optionRef("format")} to one of ${formatNames.join(", ")}`
      : message`${optionRef("format")} is ${format}, expected one of ${formatNames.join(", ")}`,
  );
}
