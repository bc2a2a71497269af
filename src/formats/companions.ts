import { parseJsonText } from "../base/json.ts";
import { FILE_EXTENSIONS } from "../image/header.ts";
import { type Entry, invalid } from "./format.ts";

/** The name without what follows the first dot of the file's name: samples of a shard share it. */
const keyOf = (name: string): string =>
  name.slice(0, name.lastIndexOf("/") + 1) + (name.split("/").at(-1)!.split(".")[0] ?? "");

const extensionOf = (name: string): string => name.slice(keyOf(name).length + 1).toLowerCase();

const IMAGE = new RegExp(`(^|\\.)(${FILE_EXTENSIONS}|img)$`);
/** Fields of a JSON file that hold a class. */
const FIELDS = ["cls", "label", "class", "class_name", "label_name"];
/** The longest text of a class, in bytes. */
const MAX_LABEL = 2 ** 16;

/** The most files of one key that are looked at together. */
const MAX_GROUP = 64;

/** The class that a file beside an image names: the text of a .cls file, or a field of a .json file. */
function labelIn({ name, bytes }: Entry, what: string): string | undefined {
  const extension = extensionOf(name);
  if (bytes.length === 0 || bytes.length > MAX_LABEL || !/^(cls|cls\.txt|json)$/.test(extension)) return undefined;
  const text = new TextDecoder().decode(bytes).trim();
  if (extension !== "json") return text;
  try {
    const fields = parseJsonText(text) as Record<string, unknown> | null;
    const label = FIELDS.map((field) => fields?.[field]).find((value) => ["string", "number"].includes(typeof value));
    return label === undefined ? undefined : String(label);
  } catch (cause) {
    throw invalid(what, `${name} is not valid JSON (${(cause as Error).message})`);
  }
}

/**
 * The files of a shard of WebDataset, in which each image is followed or preceded by a file of the same key that names its
 * class, such as 0001.jpg and 0001.cls. Files of other archives, which have no such companions, are passed on unchanged.
 */
export async function* paired(
  entries: AsyncIterable<Entry>,
  what: string,
  classNames?: readonly string[],
): AsyncGenerator<Entry> {
  let group: Entry[] = [];
  const flush = function* (): Generator<Entry> {
    const labeled = group.find((entry) => /^cls(\.txt)?$/.test(extensionOf(entry.name)));
    // In folders of classes, a file of JSON may be about the image without naming its class.
    const json = group.find(({ name }) => extensionOf(name) === "json" && !name.replace(/^\.\//, "").includes("/"));
    const source = labeled ?? json;
    const label = source && group.some(({ name }) => IMAGE.test(extensionOf(name))) ? labelIn(source, what) : undefined;
    for (const entry of group) {
      if (label === undefined) yield entry;
      else if (IMAGE.test(extensionOf(entry.name)))
        yield { ...entry, className: (/^\d+$/.test(label) && classNames?.[Number(label)]) || label };
    }
    group = [];
  };
  for await (const entry of entries) {
    if (entry.aside) {
      yield entry;
      continue;
    }
    if (group.length === MAX_GROUP || (group.length > 0 && keyOf(group[0]!.name) !== keyOf(entry.name))) yield* flush();
    group.push(entry);
  }
  yield* flush();
}
