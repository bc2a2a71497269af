import { parseJsonText } from "../../base/json.ts";
import { listed } from "../../base/listed.ts";
import { damaged, type Entry, type Format, type ImageFiles, invalid } from "../format.ts";
import { MAX_FILE_BYTES, TOO_LARGE } from "../imageFiles.ts";
import { partOf } from "../pairs.ts";
import type { Folder, Place, Platform, Source } from "../platform.ts";
import type { Cell } from "./encodings.ts";
import { type Column, isParquet, type ParquetFile, readCells, readParquet } from "./file.ts";

/** Where images and labels are in a file. */
interface Table {
  readonly image: Column;
  readonly label: Column;
  /** The names of numbered classes. */
  readonly classNames: readonly string[] | undefined;
}

const IMAGE = ["image", "img", "picture", "png", "jpg"];
const LABEL = ["label", "labels", "fine_label", "class", "target", "category"];

/** A feature of a data set, as Hugging Face's `datasets` writes it into the metadata. */
interface Feature {
  readonly _type?: string;
  readonly names?: readonly unknown[];
}

function featuresOf({ metadata }: ParquetFile): Readonly<Record<string, Feature>> {
  try {
    const { info } = parseJsonText(metadata.get("huggingface") ?? "{}") as {
      info?: { features?: Record<string, Feature> };
    };
    const features = info?.features;
    return typeof features === "object" && features !== null ? features : {};
  } catch {
    return {};
  }
}

/** The first of the names that passes, or else the first that passes. */
const preferred = (
  names: readonly string[],
  of: readonly string[],
  test: (name: string) => boolean,
): string | undefined => of.find((name) => names.includes(name) && test(name)) ?? names.find(test);

/**
 * Finds the column of images, a struct of bytes and path or plain bytes, and that of labels: those that the metadata call
 * Image and ClassLabel, or else by their names. Throws `INVALID_DATA`.
 */
function tableOf(file: ParquetFile, what: string): Table {
  const columns = file.columns.filter(({ isRepeated }) => !isRepeated);
  const features = featuresOf(file);
  const names = [...new Set(columns.map(({ path }) => path[0] ?? ""))];
  const bytesOf = (name: string) =>
    columns.find(({ path, type }) => path[0] === name && type === 6 && (path.length === 1 || path[1] === "bytes"));
  const plainOf = (name: string) => columns.find(({ path }) => path.length === 1 && path[0] === name);
  const isClassLabel = (name: string) => features[name]?._type === "ClassLabel" && plainOf(name) !== undefined;
  const imageName =
    preferred(names, IMAGE, (name) => features[name]?._type === "Image" && bytesOf(name) !== undefined) ??
    preferred(names, IMAGE, (name) =>
      columns.some(({ path, type }) => path[0] === name && path[1] === "bytes" && type === 6),
    ) ??
    IMAGE.find((name) => bytesOf(name));
  const labelName = preferred(names, LABEL, isClassLabel) ?? LABEL.find((name) => plainOf(name));
  const lists = new Set(file.columns.filter(({ isRepeated }) => isRepeated).map(({ path }) => path[0] ?? ""));
  const all = [...names, ...Array.from(lists, (name) => `${name} (a list)`)];
  if (imageName === undefined || labelName === undefined || imageName === labelName)
    throw invalid(
      what,
      `its columns are ${listed(all, 8)}, expected image, of picture files (bytes, or a struct with bytes), and label; rename columns, or save pixels as an .npz file`,
    );
  const given = features[labelName]?.names;
  const classNames = given?.every((name) => typeof name === "string" && name !== "") ? (given as string[]) : undefined;
  return { image: bytesOf(imageName)!, label: plainOf(labelName)!, classNames };
}

/** The class that a label names; undefined for a null or a negative number, which `datasets` writes for no label. */
function classOf(
  label: Cell,
  { classNames }: Table,
  given: readonly string[] | undefined,
  what: string,
): string | undefined {
  if (label === undefined) return undefined;
  if (typeof label !== "number") return new TextDecoder().decode(label);
  if (label < 0) return undefined;
  const names = given ?? classNames;
  if (!names) return String(label);
  const name = names[label];
  if (name === undefined) throw damaged(what, `a label is ${label}, expected 0 to ${names.length - 1}`);
  return name;
}

const isShard = (name: string): boolean => name.endsWith(".parquet") && !name.startsWith(".");

/** The file, or those of a folder. */
async function shardsAt(place: Place): Promise<readonly Source[]> {
  if (place.kind === "file") return [place];
  const names = (await place.names()).filter(isShard).sort();
  const found = await Promise.all(names.map((name) => place.find(name)));
  return found.filter((source) => source !== undefined);
}

async function* rowsOf(
  shards: readonly Source[],
  classNames: readonly string[] | undefined,
  platform: Platform,
): AsyncGenerator<Entry> {
  let read = 0;
  for (const source of shards) {
    const what = source.path;
    const file = await readParquet(source, what);
    const table = tableOf(file, what);
    const digits = String(Math.max(0, file.rows - 1)).length;
    const part = partOf(source.name);
    let row = 0;
    for (const [g, group] of file.groups.entries()) {
      const images = await readCells(source, group, table.image, what, platform);
      const labels = await readCells(source, group, table.label, what, platform);
      for (const [i, image] of images.entries()) {
        const className = classOf(labels[i], table, classNames, what);
        const bytes = image instanceof Uint8Array ? image : new Uint8Array();
        const unread =
          className === undefined
            ? "it has no label"
            : bytes.length === 0
              ? "it has no bytes, perhaps only a path"
              : bytes.length > MAX_FILE_BYTES
                ? TOO_LARGE
                : undefined;
        yield {
          name: `${source.name}/${String(row++).padStart(digits, "0")}`,
          bytes: unread ? new Uint8Array() : bytes,
          className: className ?? "",
          part,
          unread,
          read: read + (source.size * (g + 1)) / file.groups.length,
        };
      }
    }
    read += source.size;
  }
}

/**
 * Parquet files of images as Hugging Face publishes them: a column of image files and one of labels. Of a folder, all are
 * read; train-…, validation-… and test-… are its parts.
 */
export const parquet: Format = {
  id: "parquet",
  name: "a .parquet file of images and labels as on Hugging Face, or a folder of these",
  extensions: [],
  matches: ({ head, names }) => (names ? names.some(isShard) : isParquet(head)),
  files(place: Source | Folder, { classNames }, platform): ImageFiles {
    async function* entries(): AsyncGenerator<Entry> {
      yield* rowsOf(await shardsAt(place), classNames, platform);
    }
    const size = place.kind === "file" ? { totalBytes: place.size } : {};
    return { description: `images of ${place.name}, in Parquet`, entries: entries(), ...size };
  },
};
