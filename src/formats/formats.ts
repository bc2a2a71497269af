import { InklingError } from "../base/error.ts";
import { csvList, jsonList } from "./fileList.ts";
import { folder } from "./folder.ts";
import type { Format } from "./format.ts";
import { idx } from "./idx.ts";
import { npy } from "./npy.ts";
import { npz } from "./npz.ts";
import { pack } from "./pack.ts";
import { pickle } from "./pickle/pickle.ts";
import { pixelTable } from "./pixelTable.ts";
import { tar, tarGz } from "./tar.ts";
import { zip } from "./zip.ts";

const all: Format[] = [folder, pack, tarGz, tar, zip, idx, npz, npy, pickle, pixelTable, csvList, jsonList];

/** Every form in which a data set can be opened and saved; the first that matches is taken. */
export const formats: readonly Format[] = all;

const names = all.map(({ id }) => id);

/** What the `format` of `encodeDataset` and `saveDataset` may be. */
export const formatNames: readonly string[] = names;

/**
 * Makes a format known, so that sources of it can be opened and saved. It is tried after all others, so no source that
 * was read before is read otherwise. Throws `INVALID_ARGUMENT` where there is a format of that id, or one that an
 * extension of file names asks for.
 */
export function registerFormat(format: Format): void {
  const { id, extensions } = format;
  if (!/^[a-z][\w.-]*$/.test(id))
    throw new InklingError(
      "INVALID_ARGUMENT",
      `format ${JSON.stringify(id)} cannot be registered: its id must begin with a small letter, and have only letters, digits, _, - and .`,
    );
  if (all.some((other) => other.id === id))
    throw new InklingError(
      "INVALID_ARGUMENT",
      `format "${id}" is already registered; choose another id, or load the extension only once`,
    );
  for (const extension of extensions) {
    const other = all.find((known) => known.extensions.some((end) => extension.endsWith(end)));
    if (other)
      throw new InklingError(
        "INVALID_ARGUMENT",
        `format "${id}" cannot be registered: files whose names end in ${extension} are saved as ${other.id}; choose another extension`,
      );
  }
  all.push(format);
  names.push(id);
}
