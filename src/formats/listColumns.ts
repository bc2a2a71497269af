import { quoted } from "../base/printable.ts";
import { isPictureName, type Role, roleOf, someOf } from "./columns.ts";
import { invalid } from "./format.ts";

/** Which columns of a list of files hold what; −1 for none. */
export interface ListColumns {
  readonly file: number;
  readonly label: number;
  readonly group: number;
  readonly split: number;
  /** Whether the first row names the columns. */
  readonly hasHeader: boolean;
  /** What was chosen, as clauses of the reading. */
  readonly notes: readonly string[];
}

/**
 * The columns of a list, by its first two rows. A column of files without a known name is found by its contents, and one of
 * labels if it is the only one left. Throws `INVALID_DATA`, naming the columns that there are.
 */
export function listColumns(
  first: readonly string[],
  second: readonly string[] | undefined,
  what: string,
): ListColumns {
  const hasHeader = !first.some(isPictureName);
  return hasHeader ? namedColumns(first, second ?? [], what) : unnamedColumns(first, what);
}

function namedColumns(header: readonly string[], row: readonly string[], what: string): ListColumns {
  const all = [...header.keys()];
  const withRole = (role: Role) => all.filter((column) => roleOf(header[column]!) === role);
  const names = (columns: readonly number[]) => someOf(columns.map((column) => header[column]!.trim()));
  const named = withRole("file");
  const pictures = (named.length > 0 ? named : all).filter((column) => isPictureName(row[column] ?? ""));
  const [file] = named.length === 1 ? named : pictures.length > 0 ? pictures : named;
  if (file === undefined)
    throw invalid(what, `line 1 names the columns ${names(all)}, and none of files; name that column "file"`);
  const others = all.filter(
    (column) => !["file", "group", "split", "index"].includes(roleOf(header[column]!) ?? "") && column !== file,
  );
  const labels = withRole("label");
  if (labels.length > 1)
    throw invalid(
      what,
      `line 1 names several columns of labels: ${names(labels)}; keep one of them, or rename the others`,
    );
  const label = labels[0] ?? (others.length === 1 ? others[0] : undefined);
  if (label === undefined) {
    const named = `line 1 names ${others.length === 0 ? "no column" : names(others)} besides ${quoted(header[file]!)}`;
    const advice =
      others.length === 0
        ? 'add one of labels, named "label"'
        : isOneHot(others.map((column) => row[column] ?? ""))
          ? 'make one column "label" of these, which are one for each class, such as by idxmax(axis=1) of pandas'
          : 'rename the column of labels to "label"';
    throw invalid(what, `${named}; ${advice}`);
  }
  const ignored = all.filter(
    (column) =>
      column !== file && column !== label && !["group", "split", "index"].includes(roleOf(header[column]!) ?? ""),
  );
  return {
    file,
    label,
    group: withRole("group")[0] ?? -1,
    split: withRole("split")[0] ?? -1,
    hasHeader: true,
    notes: [
      ...(named.includes(file) ? [] : [`files in the column ${quoted(header[file]!)}`]),
      ...(labels.length === 1 ? [] : [`labels in the column ${quoted(header[label]!)}`]),
      ...(ignored.length > 0 ? [`without the column${ignored.length === 1 ? "" : "s"} ${names(ignored)}`] : []),
    ],
  };
}

/** Whether cells are a one among zeros, which marks the class. */
const isOneHot = (cells: readonly string[]): boolean =>
  cells.length > 1 &&
  cells.every((cell) => cell.trim() !== "" && [0, 1].includes(Number(cell))) &&
  cells.filter((cell) => Number(cell) === 1).length === 1;

function unnamedColumns(row: readonly string[], what: string): ListColumns {
  const file = row.findIndex(isPictureName);
  if (row.length !== 2 || isPictureName(row[1 - file]!))
    throw invalid(
      what,
      `its first line, ${someOf(row)}, names no columns; add one above it that does: file and label, in the order of the cells`,
    );
  return {
    file,
    label: 1 - file,
    group: -1,
    split: -1,
    hasHeader: false,
    notes: ["no header: one column of files and one of labels"],
  };
}
