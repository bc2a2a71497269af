import { InklingError } from "../../base/error.ts";
import { contentsOf } from "../../base/node/readFile.ts";
import { fileSystemError } from "../../base/node/systemError.ts";
import type { AnyDataset } from "../../datasets/index.ts";
import { columnSlicing, type Slicing } from "../../evaluation/index.ts";
import { openCsv } from "../../formats/csv.ts";

/**
 * Reads a table whose first column names image files and whose others say something about them, one slicing each, for the
 * given rows. Files are named as in the data set, or with fewer leading folders. Throws `INVALID_ARGUMENT` for a data set
 * without file names, and `INVALID_DATA` for a table that names none of its files.
 */
export async function readMetadata(
  path: string,
  { names }: AnyDataset,
  rows: ArrayLike<number>,
): Promise<readonly Slicing[]> {
  if (!names)
    throw new InklingError(
      "INVALID_ARGUMENT",
      "--metadata tells images apart by the names of their files, which this data set does not have",
    );
  const { head, cells } = await readTable(path);
  const found = Array.from(rows, (row) =>
    tails(names[row]!)
      .map((tail) => cells.get(tail))
      .find((own) => own),
  );
  if (rows.length > 0 && found.every((own) => own === undefined))
    throw new InklingError(
      "INVALID_DATA",
      `${path}: its first column names none of the ${rows.length} images, such as ${names[rows[0]!]}`,
    );
  return head.map((by, column) =>
    columnSlicing(
      by,
      found.map((own) => own?.[column] || "(none)"),
    ),
  );
}

/** A path, and what is left of it without its first folders. */
const tails = (path: string): readonly string[] => path.split("/").map((_, skip, parts) => parts.slice(skip).join("/"));

async function* piecesOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield await contentsOf(path, { pipe: true });
  } catch (cause) {
    throw fileSystemError(path, "read", cause);
  }
}

/** The names of the columns after the first, and their cells by the file that the first one names. */
async function readTable(path: string) {
  const { records } = await openCsv(piecesOf(path), path);
  const cells = new Map<string, readonly string[]>();
  let head: readonly string[] | undefined;
  for await (const { cells: all } of records) {
    const [file = "", ...others] = all.map((cell) => cell.trim());
    if (head) cells.set(file, others);
    else head = others;
  }
  if (!head?.length)
    throw new InklingError(
      "INVALID_DATA",
      `${path}: it has no columns, expected a first line such as file,scanner,year`,
    );
  return { head, cells };
}
