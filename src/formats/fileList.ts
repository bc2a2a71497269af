import { InklingError } from "../base/error.ts";
import type { Dataset } from "../datasets/dataset.ts";
import { csvCell, readCsv, readLines } from "./csv.ts";
import { encodeFolder } from "./folder.ts";
import { damaged, type Entry, type Format, type ImageFiles, invalid, type OutputFile } from "./format.ts";
import { imageFileNames, MAX_FILE_BYTES, TOO_LARGE } from "./imageFiles.ts";
import type { Folder, Source } from "./platform.ts";

/** An entry of a list of files. */
export interface ListedFile {
  /** The path of the file, relative to the list. */
  readonly file: string;
  readonly label: string;
  /** Images of one group are kept together in splits. */
  readonly group?: string | undefined;
}

const FILE = ["file", "filename", "file_name", "path", "image"];
const LABEL = ["label", "class"];
const GROUP = ["group"];
const headerPattern = new RegExp(`^"?(${[...FILE, ...LABEL, ...GROUP].join("|")})"?,`, "i");

/** Whether bytes are the start of a CSV file with columns for file and label. */
function isCsvFileList(head: Uint8Array): boolean {
  const line = new TextDecoder().decode(head).split(/\r?\n/)[0]!;
  const cells = line.split(",").map((cell) => cell.replaceAll('"', "").trim().toLowerCase());
  return headerPattern.test(line) && cells.some((c) => FILE.includes(c)) && cells.some((c) => LABEL.includes(c));
}

/** Whether bytes are the start of JSON Lines with file and label. */
function isJsonFileList(head: Uint8Array): boolean {
  const line = new TextDecoder().decode(head).split("\n")[0]!;
  const has = (names: readonly string[]) => names.some((name) => line.includes(`"${name}"`));
  return /^\s*\{/.test(line) && has(FILE) && has(LABEL);
}

/** The entries of a CSV list. Throws `INVALID_DATA`, naming the line. */
export async function* readCsvFileList(pieces: AsyncIterable<Uint8Array>, what: string): AsyncGenerator<ListedFile> {
  let places: readonly [file: number, label: number, group: number] | undefined;
  for await (const { line, cells } of readCsv(pieces, what)) {
    if (!places) {
      const names = cells.map((cell) => cell.trim().toLowerCase());
      const place = (of: readonly string[]) => names.findIndex((name) => of.includes(name));
      places = [place(FILE), place(LABEL), place(GROUP)];
      if (places[0] < 0 || places[1] < 0) throw invalid(what, "its first line does not name columns file and label");
      continue;
    }
    const [file, label] = [cells[places[0]], cells[places[1]]];
    if (!file || !label) throw damaged(what, `line ${line} has no file and label`);
    yield { file, label, group: cells[places[2]] || undefined };
  }
}

/** The entries of a JSON Lines list. Throws `INVALID_DATA`, naming the line. */
export async function* readJsonFileList(pieces: AsyncIterable<Uint8Array>, what: string): AsyncGenerator<ListedFile> {
  let line = 0;
  for await (const text of readLines(pieces, what)) {
    line++;
    if (text.trim() === "") continue;
    const fields = parseObject(text, () => damaged(what, `line ${line} is not a JSON object`));
    const find = (names: readonly string[]) => names.map((name) => fields[name]).find((value) => value !== undefined);
    const [file, label, group] = [find(FILE), find(LABEL), find(GROUP)];
    if (typeof file !== "string" || !(typeof label === "string" || typeof label === "number"))
      throw damaged(what, `line ${line} has no file and label`);
    const named = (typeof group === "string" && group !== "") || typeof group === "number";
    yield { file, label: String(label), group: named ? String(group) : undefined };
  }
}

function parseObject(text: string, broken: () => Error): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // reported below
  }
  throw broken();
}

/** The text of a list, in pieces. Either all files have a group or none do. */
function* writeFileList(files: Iterable<ListedFile>, format: "csv" | "jsonl"): Generator<string> {
  let first = true;
  for (const { file, label, group } of files) {
    const fields = { file, label, ...(group !== undefined && { group }) };
    if (format === "csv" && first) yield `${Object.keys(fields).join(",")}\n`;
    first = false;
    yield format === "csv" ? `${Object.values(fields).map(csvCell).join(",")}\n` : `${JSON.stringify(fields)}\n`;
  }
}

/** Reads a listed file. One that does not exist, or is outside the list's folder, is not read, and is skipped later. */
async function readListed(
  folder: Folder | undefined,
  { file, label, group }: ListedFile,
): Promise<Omit<Entry, "read">> {
  const name = file.replaceAll("\\", "/");
  const entry = { name, className: label, group, bytes: new Uint8Array() };
  if (name.startsWith("/") || name.split("/").includes("..")) return entry; // such names are rejected later
  if (!folder) return { ...entry, unread: "it was not given together with its list" };
  try {
    const found = await folder.entry(name);
    const unread = typeof found === "string" ? found : found.size > MAX_FILE_BYTES ? TOO_LARGE : undefined;
    return typeof found === "string" || unread ? { ...entry, unread } : { ...entry, bytes: await found.bytes() };
  } catch (cause) {
    return { ...entry, unread: `it cannot be read: ${(cause as Error).message}` };
  }
}

function filesOf(source: Source, files: AsyncIterable<ListedFile>): ImageFiles {
  async function* entries(): AsyncGenerator<Entry> {
    const { folder } = source;
    let read = 0;
    for await (const listed of files) {
      const entry = await readListed(folder, listed);
      read += entry.bytes.length;
      yield { ...entry, read };
    }
  }
  return { description: `images listed in ${source.name}`, entries: entries() };
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
    return { file: `${folder}/${file}`, label: className, group };
  });
  yield { name, contents: [new TextEncoder().encode([...writeFileList(listed, format)].join(""))] };
}

/** A CSV list of image files with columns file, label and optionally group. Paths are relative to the list. */
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
  files: (source: Source, { signal }) => filesOf(source, readJsonFileList(source.pieces(signal), source.path)),
  encode: (dataset, name) => encodeList(dataset, name, "jsonl"),
};
