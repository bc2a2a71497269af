import { InklingError } from "../base/error.ts";
import { quoted } from "../base/printable.ts";
import { classNameOf } from "../datasets/classNames.ts";
import type { Dataset } from "../datasets/dataset.ts";
import { partAt } from "../datasets/parts.ts";
import { isNumber } from "./columns.ts";
import { encodeFolder } from "./folder.ts";
import { type Entry, type Format, type ImageFiles, invalid, type OutputFile } from "./format.ts";
import { imageFileNames } from "./imageFiles.ts";
import { isFraction, NOT_WHOLE } from "./labels.ts";
import { folderName, folderOf, isAbsolute, readListed, rootOf } from "./listedFiles.ts";
import { explainJson, isCsvFileList, isJsonFileList } from "./listHead.ts";
import {
  type FileList,
  type ListedFile,
  type ListLine,
  readCsvFileList,
  readJsonFileList,
  writeFileList,
} from "./listLines.ts";
import type { Source } from "./platform.ts";

/** The most absolute paths whose beginning is looked for. */
const MAX_ABSOLUTE = 20;

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
  matches: ({ head, name }) => isJsonFileList(head, name),
  explain: ({ head }) => explainJson(head),
  files: (source: Source, { signal }) => filesOf(source, readJsonFileList(source.pieces(signal), source.path)),
  encode: (dataset, name) => encodeList(dataset, name, "jsonl"),
};
