import { whole } from "../base/format.ts";
import { listed } from "../base/listed.ts";
import { sniffCsv } from "../formats/csv.ts";
import { csvList, jsonList } from "../formats/fileList.ts";
import { jsonKeys } from "../formats/listHead.ts";

/** What else a source has, for the advice where no classes are found. */
export interface Surroundings {
  readonly source: string;
  /** Names of the readable images. */
  readonly images: readonly string[];
  /** Names of all other files. */
  readonly others: readonly string[];
  /** The first bytes of files that may be lists, by name. */
  readonly lists: ReadonlyMap<string, Uint8Array>;
  /** Whether a list in it can be opened by its path. */
  readonly isFolder: boolean;
}

/** What to do about a source without class folders. */
export interface Advice {
  readonly text: string;
  /** What the source is instead of images, and what to do about it. */
  readonly isA?: string;
  /** The class pattern to use. */
  readonly pattern?: string;
}

/** What to do about a source without class folders, as far as its names tell. */
export const adviseOn = (found: Surroundings): Advice | undefined =>
  ofDocument(found) ?? ofDetection(found) ?? ofLists(found) ?? ofFiles(found) ?? ofNames(found) ?? ofFlat(found);

/** What is saved as a .zip archive under another extension, by a file in it. */
const documents: readonly (readonly [file: RegExp, what: string])[] = [
  [/^xl\/workbook\./, "an Excel workbook; save its table as CSV"],
  [/^word\/document\./, "a Word document; extract its pictures into a folder for each class"],
  [/^ppt\/presentation\./, "a PowerPoint presentation; extract its pictures into a folder for each class"],
  [/^content\.xml$/, "an OpenDocument file; save its table as CSV"],
  [/^[^/]+\/data\.pkl$/, "a PyTorch file; save its arrays with numpy.savez"],
  [/^(model\.weights\.h5|config\.json)$/, "a Keras model, not a data set"],
];

function ofDocument({ others, images, isFolder }: Surroundings): Advice | undefined {
  if (isFolder || images.length > 0) return undefined;
  const isA = documents.find(([file]) => others.some((name) => file.test(name)))?.[1];
  return isA === undefined ? undefined : { text: isA, isA };
}

/** Files that are data sets by themselves. */
const DATA_SET = /\.(parquet|npz|npy|mat|pkl|pickle|inkling|zip|tar|tgz|tar\.gz)$|(^|\/)[^/]*-idx3-ubyte(\.gz)?$/i;

/** Data sets in a source, such as the data/ of a clone from Hugging Face. */
function ofFiles({ source, images, others, isFolder }: Surroundings): Advice | undefined {
  const files = others.filter((name) => DATA_SET.test(name)).sort();
  const [first] = files;
  if (images.length > 0 || first === undefined) return undefined;
  const folder = first.slice(0, Math.max(0, first.lastIndexOf("/")));
  const isShared = files.length > 1 && folder !== "" && files.every((name) => name.startsWith(`${folder}/`));
  const place = isShared && !/\.(zip|tar|tgz|gz)$/i.test(first) ? folder : first;
  const found = `it has ${listed(files, 2, 1)}`;
  return { text: isFolder ? `${found}: open ${source}/${place}` : `${found}: unpack it, and open ${place}` };
}

const withoutEnd = (name: string): string => name.replace(/\.[^./]*$/, "");

/** YOLO has images/train/1.jpg and labels/train/1.txt; Pascal VOC has an .xml file of boxes for each image. */
function ofDetection({ images, others }: Surroundings): Advice | undefined {
  const known = new Set(others);
  const annotation = (image: string): string | undefined => {
    const stem = withoutEnd(image);
    const file = stem.slice(stem.lastIndexOf("/") + 1);
    const places = [
      ...[...stem.matchAll(/(^|\/)images(?=\/)/g)].map(
        ({ index, 1: slash }) => `${stem.slice(0, index)}${slash}labels${stem.slice(index + slash!.length + 6)}.txt`,
      ),
      `${stem}.xml`,
      `${stem.replace(/(^|\/)JPEGImages\/.*/, "$1Annotations/")}${file}.xml`,
    ];
    return places.find((place) => known.has(place));
  };
  const some = images.slice(0, 100);
  const found = some.filter((image) => annotation(image) !== undefined);
  if (found.length === 0 || 2 * found.length < some.length) return undefined;
  return {
    text: `it is laid out for object detection: ${annotation(found[0]!)} has the boxes of ${found[0]}; Inkling classifies whole images, so cut the objects out into a folder for each class`,
  };
}

/** Lists that can be opened, and those with columns that sound like those of files and labels. */
function ofLists({ source, lists, isFolder }: Surroundings): Advice | undefined {
  for (const [name, head] of lists) {
    const columns = columnsIn(head);
    const has = (pattern: RegExp) => columns.some((column) => pattern.test(column));
    const isList = csvList.matches({ name, head, inner: NONE }) || jsonList.matches({ name, head, inner: NONE });
    const isAlike =
      has(/^(file|file_?name|path|image|image_?id|id|img)$/i) &&
      has(/^(label|class|category|target|breed|species|type)$/i);
    if (!isList && !isAlike) continue;
    const found = `it has ${name} with columns ${columns.slice(0, 6).join(", ")}`;
    return { text: isFolder ? `${found}: open ${source}/${name}` : `${found}: unpack it, and open ${name}` };
  }
  return undefined;
}

const NONE = new Uint8Array();

/** The cells of the first row of a table, or the fields of an object. */
function columnsIn(head: Uint8Array): readonly string[] {
  const keys = jsonKeys(head);
  return keys.length > 0 ? keys : (sniffCsv(head)?.rows[0] ?? []).map((cell) => cell.trim());
}

/** Names such as cat.0.png, which begin with one of several words, followed by a number. */
function ofNames({ images }: Surroundings): Advice | undefined {
  const found = images.flatMap((example) => {
    const [file, folder] = example.split("/").toReversed() as [string, string?];
    const [, word, end] = /^(\p{L}[\p{L} -]*?)([._-]| \()\d.*\.\w+$/u.exec(file) ?? [];
    return word === undefined ? [] : [{ example, folder, word, end }];
  });
  const [first] = found;
  const alike = found.filter(({ folder, end }) => folder === first?.folder && end === first?.end);
  const words = new Set(alike.map(({ word }) => word));
  if (!first || words.size < 2 || alike.length < 2 * words.size) return undefined;
  const pattern = `${first.folder === undefined ? "" : `${first.folder}/`}{class}${first.end}*`;
  return { text: `names such as ${first.example} seem to begin with the class`, pattern };
}

/** Images that are in no folder, such as those of an archive that a phone made. */
function ofFlat({ images }: Surroundings): Advice | undefined {
  if (images.length < 2 || images.some((name) => name.replace(/^\.\//, "").includes("/"))) return undefined;
  return {
    text: `its ${whole(images.length)} images are not in folders: put those of each class into a folder of its own, or list them in a CSV file with the columns file and label`,
  };
}
