import { InklingError } from "../base/error.ts";
import { parseJsonObject } from "../base/json.ts";
import { classNameOf } from "../datasets/classNames.ts";
import type { Dataset } from "../datasets/dataset.ts";
import { partAt } from "../datasets/parts.ts";
import type { SplitName } from "../datasets/splitSizes.ts";
import { isNumber, isPictureName, partIn, quoted, type Role, roleOf, someOf } from "./columns.ts";
import { csvCell, openCsv, readLines, sniffCsv, startText } from "./csv.ts";
import { encodeFolder } from "./folder.ts";
import { type Entry, type Format, type ImageFiles, invalid, type OutputFile } from "./format.ts";
import { imageFileNames, MAX_FILE_BYTES, TOO_LARGE } from "./imageFiles.ts";
import { isFraction, isNoValue, NOT_WHOLE } from "./labels.ts";
import { type ListColumns, listColumns } from "./listColumns.ts";
import type { Folder, Source } from "./platform.ts";

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
interface ListLine extends ListedFile {
  readonly line: number;
}

/** A list that is being read. */
interface FileList {
  readonly files: AsyncIterable<ListLine>;
  /** What was chosen to read it. Call it after the last file. */
  readonly notes: () => readonly string[];
}

/** Whether bytes are the start of a table that names picture files: in its header, or in its first rows. */
function isCsvFileList(head: Uint8Array): boolean {
  const [first = [], second = []] = sniffCsv(head)?.rows ?? [];
  const has = (role: Role) => first.some((cell) => roleOf(cell) === role);
  return (has("file") && has("label")) || first.some(isPictureName) || second.some(isPictureName);
}

/** Whether bytes are the start of JSON Lines with file and label. */
function isJsonFileList(head: Uint8Array): boolean {
  const roles = jsonKeys(head).map(roleOf);
  return roles.includes("file") && roles.includes("label");
}

/** The fields of the object at the start of a file, without those of objects in it; none if it is not an object. */
export function jsonKeys(head: Uint8Array): readonly string[] {
  const text = startText(head)?.trimStart() ?? "";
  if (!text.startsWith("{")) return [];
  const keys: string[] = [];
  let depth = 0;
  for (const [token, key] of text.matchAll(/"((?:[^"\\]|\\.)*)"(?=\s*:)|"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (key !== undefined && depth === 1) keys.push(key);
    else if (token === "{" || token === "[") depth++;
    else if ((token === "}" || token === "]") && --depth === 0) break;
  }
  return keys;
}

/** What a file of JSON is that is not a list; undefined if it does not begin like JSON. */
function explainJson(head: Uint8Array): string | undefined {
  const keys = jsonKeys(head);
  const expected = 'expected one object a line, with the fields "file" and "label"';
  if (keys.length > 0 && keys.every((key) => COCO.includes(key)))
    return `has annotations of COCO for object detection, which are not supported; ${expected}`;
  if (keys.length > 0) return `is JSON whose first object has the fields ${someOf(keys)}; ${expected}`;
  return /^\s*\[\s*[[{]/.test(startText(head) ?? "")
    ? `is one JSON array; ${expected}, which pandas writes by to_json(…, orient="records", lines=True)`
    : undefined;
}

/** The fields of annotations of COCO. */
const COCO: readonly string[] = ["info", "licenses", "images", "annotations", "categories", "type"];

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
function* writeFileList(files: Iterable<ListedFile>, format: "csv" | "jsonl"): Generator<string> {
  let first = true;
  for (const { file, label, group, part } of files) {
    const fields = { file, label, ...(group !== undefined && { group }), ...(part && { split: part }) };
    if (format === "csv" && first) yield `${Object.keys(fields).join(",")}\n`;
    first = false;
    yield format === "csv" ? `${Object.values(fields).map(csvCell).join(",")}\n` : `${JSON.stringify(fields)}\n`;
  }
}

/** Reads a listed file. One that does not exist, or is outside the list's folder, is not read, and is skipped later. */
async function readListed(folder: Folder | undefined, name: string): Promise<Pick<Entry, "bytes" | "unread">> {
  const bytes = new Uint8Array();
  if (URL.test(name)) return { bytes, unread: "URLs are not fetched: download the file, and list its path" };
  if (isAbsolute(name)) return { bytes, unread: "its path is absolute: write it relative to the list" };
  if (name.split("/").includes("..")) return { bytes }; // such names are rejected later
  if (!folder) return { bytes, unread: "it was not given together with its list" };
  try {
    const found = await entryOf(folder, name);
    const unread = typeof found === "string" ? found : found.size > MAX_FILE_BYTES ? TOO_LARGE : undefined;
    return typeof found === "string" || unread ? { bytes, unread } : { bytes: await found.bytes() };
  } catch (cause) {
    const isMissing = MISSING.includes((cause as { code?: string }).code ?? (cause as Error).name);
    return { bytes, unread: isMissing ? "it does not exist" : `it cannot be read: ${(cause as Error).message}` };
  }
}

const URL = /^[a-z][a-z0-9+.-]+:\/\//i;
/** Whether a path with slashes is absolute, on any system. */
const isAbsolute = (path: string): boolean => /^([a-z]:)?\//i.test(path);

/** How file systems call the error of a file that does not exist. */
const MISSING: readonly string[] = ["ENOENT", "ENOTDIR", "NotFoundError"];
/** The most folders that are searched for the first file of a list. */
const MAX_SEARCHED = 100;
/** The most absolute paths whose beginning is looked for, and the most folders in one of them. */
const MAX_ABSOLUTE = 20;
const MAX_STEPS = 50;

/** Whether a folder has a file of this name. */
const hasFile = (folder: Folder, name: string): Promise<boolean> =>
  entryOf(folder, name).then(
    (found) => typeof found !== "string",
    () => false,
  );

/**
 * The folder beside a list in which its files are, by the first of them, as in Kaggle's images/ with labels.csv: "" if that
 * is where the list is, or in no folder. Of several, that with the name of the list is taken.
 */
async function folderOf({ folder, name: list }: Source, first: string): Promise<string> {
  if (!folder || isAbsolute(first) || first.split("/").includes("..")) return "";
  if (await hasFile(folder, first)) return "";
  const found: string[] = [];
  for (const name of (await folder.names()).slice(0, MAX_SEARCHED))
    if (!name.startsWith(".") && (await hasFile(folder, `${name}/${first}`))) found.push(name);
  const own = found.find((name) => name === folderName(list));
  return own ?? (found.length === 1 ? found[0]! : "");
}

/**
 * The beginning of an absolute path that stands for the folder of the list, such as `/home/me/birds/`, which may have been
 * moved since the list was written: the shortest without which the path leads to a file in that folder. Undefined if none does.
 */
async function rootOf(folder: Folder | undefined, path: string): Promise<string | undefined> {
  const steps = path.split("/");
  if (!folder || steps.includes("..") || steps.length > MAX_STEPS) return undefined;
  for (let at = 1; at < steps.length; at++)
    if (await hasFile(folder, steps.slice(at).join("/"))) return `${steps.slice(0, at).join("/")}/`;
  return undefined;
}

/** The file of a name, or of another Unicode form of it: systems differ in which one they write. */
async function entryOf(folder: Folder, name: string): Promise<Source | string> {
  const forms = new Set([name, name.normalize("NFC"), name.normalize("NFD")]);
  let failure: unknown;
  for (const form of forms) {
    try {
      return await folder.entry(form);
    } catch (cause) {
      failure ??= cause;
    }
  }
  throw failure;
}

function filesOf(source: Source, { files, notes }: FileList): ImageFiles {
  let repeated = 0;
  let within = "";
  let root: string | undefined;
  async function* entries(): AsyncGenerator<Entry> {
    const { folder, path } = source;
    const seen = new Map<string, ListLine>();
    let read = 0;
    let readable = 0;
    let unread: string | undefined;
    let absolute = 0;
    const fractions = new Fractions();
    for await (const listed of files) {
      const full = listed.file.replaceAll("\\", "/");
      if (root === undefined && isAbsolute(full) && absolute++ < MAX_ABSOLUTE) root = await rootOf(folder, full);
      const name = root !== undefined && full.startsWith(root) ? full.slice(root.length) : full;
      const key = name
        .split("/")
        .filter((part) => part !== "" && part !== ".")
        .join("/");
      const before = seen.get(key);
      if (before) {
        checkSame(before, listed, path);
        repeated++;
        continue;
      }
      if (seen.size === 0) within = await folderOf(source, name);
      seen.set(key, listed);
      const { label: className, group, part, line } = listed;
      fractions.add(className, line);
      const file = await readListed(folder, within === "" ? name : `${within}/${name}`);
      if (file.unread === undefined) readable++;
      else unread ??= `line ${line}, ${name}: ${file.unread}`;
      read += file.bytes.length;
      yield { name, className, group, part, ...file, read };
    }
    if (readable === 0 && unread !== undefined)
      throw invalid(
        path,
        `${seen.size === 1 ? "its file cannot" : `none of its ${seen.size} files can`} be read; ${unread}${unread.endsWith("it does not exist") ? " (paths are relative to the list, or to one folder beside it)" : ""}`,
      );
    fractions.check(path);
  }
  const again = () =>
    repeated === 0
      ? []
      : [`${repeated === 1 ? "one file" : `${repeated} files`} listed again with the same label, taken once`];
  const place = () => [
    ...(within === "" ? [] : [`files in ${within}/`]),
    ...(root === undefined ? [] : [`absolute paths without ${root}`]),
  ];
  return {
    description: `images listed in ${source.name}`,
    entries: entries(),
    notes: () => [...notes(), ...place(), ...again()],
  };
}

/** Whether labels are measurements: all of them numbers, and not all whole. */
class Fractions {
  #allNumbers = true;
  #first: ListLabel | undefined;

  add(label: string, line: number): void {
    this.#allNumbers &&= isNumber(label);
    if (this.#allNumbers && isFraction(label)) this.#first ??= { label, line };
  }

  /** Throws `INVALID_DATA` if they are. */
  check(what: string): void {
    if (!this.#allNumbers || !this.#first) return;
    const { line, label } = this.#first;
    throw invalid(what, `line ${line}: the label is ${label}, ${NOT_WHOLE}`);
  }
}

interface ListLabel {
  readonly label: string;
  readonly line: number;
}

/** Throws if a file that is listed twice has two labels, or is in two groups or parts. */
function checkSame(before: ListLine, now: ListLine, path: string): void {
  const of = (what: string, a: string, b: string) =>
    invalid(
      path,
      `line ${now.line} gives ${now.file} the ${what} ${quoted(b)}, and line ${before.line} gives it ${quoted(a)}; a file has one ${what}: remove one of the lines`,
    );
  if (classNameOf(before.label) !== classNameOf(now.label)) throw of("label", before.label, now.label);
  if (before.group !== now.group) throw of("group", before.group ?? "", now.group ?? "");
  if (before.part !== now.part) throw of("split", before.part ?? "", now.part ?? "");
}

/** The folder in which the images of a list are saved. */
const folderName = (name: string): string => name.replace(/\.[^./\\]+$/, "");

/** The images, in a folder named after the list without its extension, and the list next to it. */
function* encodeList(dataset: Dataset, name: string, format: "csv" | "jsonl"): Generator<OutputFile> {
  const folder = folderName(name);
  if (folder === name)
    throw new InklingError("INVALID_ARGUMENT", `${name}: a list needs an extension, e.g. .${format}`);
  yield* encodeFolder(dataset, folder);
  const listed = imageFileNames(dataset).map(({ name: file, className }, row): ListedFile => {
    const group = dataset.groups?.[row]?.toString();
    return { file: `${folder}/${file}`, label: className, group, part: partAt(dataset, row) };
  });
  yield { name, contents: [new TextEncoder().encode([...writeFileList(listed, format)].join(""))] };
}

/** A CSV list of image files with columns file, label and optionally group and split. Paths are relative to the list. */
export const csvList: Format = {
  id: "csv-files",
  name: "a .csv file of file,label",
  extensions: [],
  fileName: (part) => `${part}.csv`,
  written: (name) => [name, folderName(name)],
  matches: ({ head }) => isCsvFileList(head),
  files: (source: Source, { signal }) => filesOf(source, readCsvFileList(source.pieces(signal), source.path)),
  encode: (dataset, name) => encodeList(dataset, name, "csv"),
};

/** The same list as JSON Lines. */
export const jsonList: Format = {
  id: "jsonl",
  name: 'a .jsonl file of {"file", "label"}',
  extensions: [".jsonl"],
  written: (name) => [name, folderName(name)],
  matches: ({ head }) => isJsonFileList(head),
  explain: ({ head }) => explainJson(head),
  files: (source: Source, { signal }) => filesOf(source, readJsonFileList(source.pieces(signal), source.path)),
  encode: (dataset, name) => encodeList(dataset, name, "jsonl"),
};
