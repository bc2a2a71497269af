import { csvCell, readCsv, readLines } from "./csv.ts";
import { damaged, unsupported } from "./damaged.ts";

/** A line of a list of files. */
export interface ListedFile {
  /** Relative to the list. */
  readonly file: string;
  readonly label: string;
}

const FILE = ["file", "filename", "file_name", "path", "image"];
const LABEL = ["label", "class"];
const headerPattern = new RegExp(`^"?(${[...FILE, ...LABEL].join("|")})"?,`, "i");

/** Whether bytes begin as a CSV file with columns for file and label does. */
export function isCsvFileList(head: Uint8Array): boolean {
  const line = new TextDecoder()
    .decode(head)
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)[0]!;
  const cells = line.split(",").map((cell) => cell.replaceAll('"', "").trim().toLowerCase());
  return headerPattern.test(line) && cells.some((c) => FILE.includes(c)) && cells.some((c) => LABEL.includes(c));
}

/** Whether bytes begin as JSON objects with file and label, one a line, do. */
export function isJsonFileList(head: Uint8Array): boolean {
  const line = new TextDecoder().decode(head).split("\n")[0]!;
  const has = (names: readonly string[]) => names.some((name) => line.includes(`"${name}"`));
  return /^\s*\{/.test(line) && has(FILE) && has(LABEL);
}

/** The files of a CSV list. Throws `INVALID_DATA`, naming the line. */
export async function* readCsvFileList(pieces: AsyncIterable<Uint8Array>, what: string): AsyncGenerator<ListedFile> {
  let places: readonly [number, number] | undefined;
  for await (const { line, cells } of readCsv(pieces, what)) {
    if (!places) {
      const names = cells.map((cell) =>
        cell
          .replace(/^\ufeff/, "")
          .trim()
          .toLowerCase(),
      );
      places = [names.findIndex((name) => FILE.includes(name)), names.findIndex((name) => LABEL.includes(name))];
      if (places.includes(-1)) throw unsupported(what, "its first line names no columns file and label");
      continue;
    }
    const [file, label] = [cells[places[0]], cells[places[1]]];
    if (!file || !label) throw damaged(what, `line ${line} has no file and label`);
    yield { file, label };
  }
}

/** The files of a list of JSON objects, one a line. Throws `INVALID_DATA`, naming the line. */
export async function* readJsonFileList(pieces: AsyncIterable<Uint8Array>, what: string): AsyncGenerator<ListedFile> {
  let line = 0;
  for await (const text of readLines(pieces, what)) {
    line++;
    if (text.trim() === "") continue;
    const fields = parseObject(text, () => damaged(what, `line ${line} is no JSON object`));
    const find = (names: readonly string[]) => names.map((name) => fields[name]).find((value) => value !== undefined);
    const [file, label] = [find(FILE), find(LABEL)];
    if (typeof file !== "string" || !(typeof label === "string" || typeof label === "number"))
      throw damaged(what, `line ${line} has no file and label`);
    yield { file, label: String(label) };
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

/** A list as text, piece by piece. */
export function* writeFileList(files: Iterable<ListedFile>, format: "csv" | "jsonl"): Generator<string> {
  if (format === "csv") yield "file,label\n";
  for (const { file, label } of files)
    yield format === "csv" ? `${csvCell(file)},${csvCell(label)}\n` : `${JSON.stringify({ file, label })}\n`;
}
