import { InklingError } from "../base/error.ts";
import { quoted } from "../base/printable.ts";
import { cifar } from "./cifar.ts";
import { csvList, jsonList } from "./fileList.ts";
import { folder } from "./folder.ts";
import type { Format, SavedFormat } from "./format.ts";
import { idx } from "./idx.ts";
import { mat } from "./mat.ts";
import { npy } from "./npy.ts";
import { npz } from "./npz.ts";
import { pack } from "./pack.ts";
import { parquet } from "./parquet/parquet.ts";
import { pickle } from "./pickle/pickle.ts";
import { pixelTable } from "./pixelTable.ts";
import { quickDraw, quickDrawBitmaps } from "./quickDraw/quickDraw.ts";
import { tar, tarGz } from "./tar.ts";
import { webDataset } from "./webDataset.ts";
import { zip } from "./zip.ts";

const all: Format[] = [
  cifar,
  parquet,
  webDataset,
  quickDrawBitmaps,
  quickDraw,
  folder,
  pack,
  tarGz,
  tar,
  zip,
  idx,
  npz,
  npy,
  mat,
  pickle,
  pixelTable,
  csvList,
  jsonList,
];

/** Every format in which a data set can be opened; the first that matches is used. */
export const formats: readonly Format[] = all;

/** Whether data sets can be saved in a format. */
export const isSaved = (format: Format): format is SavedFormat => format.encode !== undefined;

const names = all.filter(isSaved).map(({ id }) => id);

/** The values of the `format` option of `encodeDataset` and `saveDataset`. */
export const formatNames: readonly string[] = names;

/**
 * Registers a format, so that data sets in it can be opened and, if it has `encode`, saved. It is tried after all others, so
 * that sources that could already be read are not affected. Throws `INVALID_ARGUMENT` if the ID is invalid or registered, or if another
 * format already uses one of its file name extensions.
 */
export function registerFormat(format: Format): void {
  const { id, extensions } = format;
  if (!/^[a-z][\w.-]*$/.test(id))
    throw new InklingError(
      "INVALID_ARGUMENT",
      `format ${quoted(id)} cannot be registered: its id must begin with a small letter, and have only letters, digits, _, - and .`,
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
  if (isSaved(format)) names.push(id);
}
