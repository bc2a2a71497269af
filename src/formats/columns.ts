import { listed } from "../base/listed.ts";
import { quoted } from "../base/printable.ts";
import { partNamed } from "../datasets/parts.ts";
import type { SplitName } from "../datasets/splitSizes.ts";
import { FILE_EXTENSIONS } from "../image/header.ts";
import { invalid } from "./format.ts";

/** What a column of a table may hold besides pixels. */
export type Role = "file" | "label" | "group" | "split" | "index";

const names: Readonly<Record<Role, readonly string[]>> = {
  file: [
    ..."file filename file_name filepath file_path path image image_file image_name image_path imagefile".split(" "),
    ..."imagename imagepath img img_name img_path filenames images".split(" "),
  ],
  label: "label labels class classes class_name classname category target y label_name class_label".split(" "),
  group: ["group"],
  split: ["split", "subset", "partition", "data_set"],
  index: ["", "index", "idx", "row", "unnamed:_0"],
};

/** The name of a column as it is compared: lowercase, blanks and hyphens as `_`. */
const plain = (cell: string): string =>
  cell
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, "_");

/** The role that the name of a column tells. */
export const roleOf = (cell: string): Role | undefined =>
  (Object.keys(names) as Role[]).find((role) => names[role].includes(plain(cell)));

/** The column of a role; −1 if there is none. Throws `INVALID_DATA` if there are several. */
export function columnOf(header: readonly string[], role: Role, what: string): number {
  const found = [...header.keys()].filter((column) => roleOf(header[column]!) === role);
  if (found.length > 1 && role !== "index")
    throw invalid(
      what,
      `line 1 has ${found.length} columns for the ${role}: ${found.map((column) => quoted(header[column]!)).join(" and ")}; keep one of them, or rename the others`,
    );
  return found[0] ?? -1;
}

/** Names of pictures, also of some that cannot be read. */
const PICTURE = new RegExp(`[^\\s/\\\\]\\.(${FILE_EXTENSIONS}|avif|ico)$`, "i");

/** Whether a cell is the name of a picture. */
export const isPictureName = (cell: string): boolean => PICTURE.test(cell.trim());

/** Whether a cell is a number, with a point or a comma. */
export const isNumber = (cell: string): boolean => /^\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?\s*$/i.test(cell);

/**
 * The numbers in the name of a column of pixels: pixel12, px_3, 1x28, r0c5, 28x28x3. Undefined if it has none at its end.
 */
export function pixelNumbers(cell: string): readonly number[] | undefined {
  const name = cell.trim();
  return /^[a-z]*[_ .:-]?\d/i.test(name) && /\d$/.test(name) ? (name.match(/\d+/g) ?? []).map(Number) : undefined;
}

/** The part that a value of the column for splits names. Throws `INVALID_DATA`. */
export function partIn(value: unknown, line: number, what: string): SplitName {
  const part = typeof value === "string" ? partNamed(value) : undefined;
  if (part) return part;
  throw invalid(what, `line ${line}: the split is ${quoted(value)}, expected train, val or test in every line`);
}

/** A few cells or names of columns in a message. */
export const someOf = (cells: readonly string[]): string => listed(cells.map(quoted), 8, 6);
