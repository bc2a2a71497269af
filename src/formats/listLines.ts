import { parseJsonObject } from "../base/json.ts";
import { quoted } from "../base/printable.ts";
import type { SplitName } from "../datasets/splitSizes.ts";
import { partIn, type Role, roleOf } from "./columns.ts";
import { csvCell, openCsv, readLines } from "./csv.ts";
import { invalid } from "./format.ts";
import { isNoValue } from "./labels.ts";
import { type ListColumns, listColumns } from "./listColumns.ts";

/* The text of a list of files: a table, or JSON Lines. */

/** An entry of a list of files. */
export interface ListedFile {
  /** The path of the file, relative to the list. */
  readonly file: string;
  readonly label: string;
  /** Images of one group are kept together in splits. */
  readonly group?: string | undefined;
  /** The part of the data set that it is in. */
  readonly part?: SplitName | undefined;
}

/** An entry, and where it is in the list. */
export interface ListLine extends ListedFile {
  readonly line: number;
}

/** A list that is being read. */
export interface FileList {
  readonly files: AsyncIterable<ListLine>;
  /** What was chosen to read it. Call it after the last file. */
  readonly notes: () => readonly string[];
}

/** The entries of a table in any dialect that {@link openCsv} reads. Throws `INVALID_DATA`, naming the line. */
export function readCsvFileList(pieces: AsyncIterable<Uint8Array>, what: string): FileList {
  const notes: string[] = [];
  async function* files(): AsyncGenerator<ListLine> {
    const table = await openCsv(pieces, what);
    const first = await table.records.next();
    const second = await table.records.next();
    if (first.done) throw invalid(what, "it has no rows");
    const columns = listColumns(first.value.cells, second.value?.cells, what);
    notes.push(...columns.notes);
    const width = first.value.cells.length;
    const entry = ({ line, cells }: { readonly line: number; readonly cells: readonly string[] }): ListLine => {
      if (cells.length !== width)
        throw invalid(what, `line ${line} has ${cells.length} cells, expected ${width} as in the first`);
      return lineOf(line, cells, columns, what);
    };
    if (!columns.hasHeader) yield entry(first.value);
    if (!second.done) yield entry(second.value);
    for await (const record of table.records) yield entry(record);
    notes.push(...table.notes());
  }
  return { files: files(), notes: () => notes };
}

function lineOf(line: number, cells: readonly string[], columns: ListColumns, what: string): ListLine {
  const { file, label, group, split } = columns;
  const cell = (column: number) => cells[column]?.trim() ?? "";
  if (cell(file) === "") throw invalid(what, `line ${line} names no file: its cell ${file + 1} is empty`);
  checkLabel(cell(label), `line ${line}: the label of ${cell(file)}`, what);
  return {
    line,
    file: cell(file),
    label: cell(label),
    group: cell(group) || undefined,
    part: split < 0 ? undefined : partIn(cell(split), line, what),
  };
}

/** Throws for a label that marks a missing value. */
function checkLabel(label: string, place: string, what: string): void {
  if (!isNoValue(label)) return;
  const found = label === "" ? "is empty" : `is ${quoted(label)}, which marks a missing value`;
  throw invalid(what, `${place} ${found}; give it a class, or leave the line out`);
}

/** The entries of a JSON Lines list. Throws `INVALID_DATA`, naming the line. */
export function readJsonFileList(pieces: AsyncIterable<Uint8Array>, what: string): FileList {
  async function* files(): AsyncGenerator<ListLine> {
    let line = 0;
    for await (const text of readLines(pieces, what)) {
      line++;
      if (text.trim() !== "") yield jsonLine(line, text, what);
    }
  }
  return { files: files(), notes: () => [] };
}

function jsonLine(line: number, text: string, what: string): ListLine {
  const fields = parseJsonObject(text);
  if (!fields) throw invalid(what, `line ${line} is not a JSON object: ${quoted(text)}`);
  const find = (role: Role) =>
    Object.entries(fields).find(([key, value]) => roleOf(key) === role && value !== undefined)?.[1];
  const [file, label, group, split] = [find("file"), find("label"), find("group"), find("split")];
  if (typeof file !== "string" || file === "")
    throw invalid(what, `line ${line} names no file: expected a field "file" with a path, found ${quoted(text)}`);
  if (typeof label !== "string" && typeof label !== "number" && typeof label !== "boolean")
    throw invalid(
      what,
      `line ${line}: the label of ${file} is ${quoted(JSON.stringify(label) ?? "missing")}, expected the name or number of a class`,
    );
  checkLabel(String(label), `line ${line}: the label of ${file}`, what);
  const named = (typeof group === "string" && group !== "") || typeof group === "number";
  return {
    line,
    file,
    label: String(label),
    group: named ? String(group) : undefined,
    part: split === undefined ? undefined : partIn(split, line, what),
  };
}

/** The text of a list, in pieces. Either all files have a group or none do, and likewise a part. */
export function* writeFileList(files: Iterable<ListedFile>, format: "csv" | "jsonl"): Generator<string> {
  let first = true;
  for (const { file, label, group, part } of files) {
    const fields = { file, label, ...(group !== undefined && { group }), ...(part && { split: part }) };
    if (format === "csv" && first) yield `${Object.keys(fields).join(",")}\n`;
    first = false;
    yield format === "csv" ? `${Object.values(fields).map(csvCell).join(",")}\n` : `${JSON.stringify(fields)}\n`;
  }
}
