import { parseJsonText } from "../../base/json.ts";
import { type Dataset, validateDataset } from "../../datasets/dataset.ts";
import { ImageRows } from "../../datasets/imageRows.ts";
import { datasetOfArrays } from "../arrays.ts";
import { readLines } from "../csv.ts";
import { damaged, type Format, invalid, tooLarge } from "../format.ts";
import { isHidden } from "../imageFiles.ts";
import { decodeNpy } from "../npy.ts";
import { isImagesName } from "../pairs.ts";
import { type Folder, MAX_UNPACKED, type Place, type Source } from "../platform.ts";
import { BITMAP_SIDE, drawStrokes, type Stroke } from "./strokes.ts";

/** The class that a file is named after: `full_numpy_bitmap_hot dog.npy`, `full_simplified_cat.ndjson`, `cat.npy`. */
function classOf(name: string): string {
  const own = name.replace(/\.\w+$/, "").replace(/^full_(numpy_bitmap|simplified|raw|binary)_/, "");
  try {
    return decodeURIComponent(own);
  } catch {
    return own;
  }
}

const visible = (names: readonly string[]): readonly string[] => names.filter((name) => !isHidden(name));

/** The files of a folder with an extension, ordered by class. */
async function filesOf(folder: Folder, extension: string): Promise<readonly Source[]> {
  const names = visible(await folder.names()).filter((name) => name.endsWith(extension));
  const found = await Promise.all(names.map((name) => folder.find(name)));
  return found.filter((file) => file !== undefined).sort((a, b) => (classOf(a.name) < classOf(b.name) ? -1 : 1));
}

/** The bitmaps of Quick, Draw!: a folder with an .npy file of images for each class. */
export const quickDrawBitmaps: Format = {
  id: "npy-per-class",
  name: "a folder with an .npy file of images for each class, as of Quick, Draw!",
  extensions: [],
  matches({ names = [] }) {
    const own = visible(names);
    const arrays = own.filter((name) => name.endsWith(".npy"));
    return arrays.length > 1 && arrays.length === own.length && !arrays.some(isImagesName);
  },
  async open(place: Folder, options): Promise<Dataset> {
    const files = await filesOf(place, ".npy");
    const size = files.reduce((sum, file) => sum + file.size, 0);
    if (size > MAX_UNPACKED) throw tooLarge(place.path, size, MAX_UNPACKED, "move some of its classes elsewhere");
    const parts = [];
    for (const file of files) {
      const images = decodeNpy(await file.bytes(options.signal), file.path);
      parts.push({ images, labels: new Array<string>(images.shape[0] ?? 0).fill(classOf(file.name)) });
    }
    const provenance = { source: place.path, description: `arrays of ${place.name} with one for each class` };
    return datasetOfArrays(parts, { what: place.path, read: options, provenance });
  },
};

/** The word and the strokes of a line. */
function parseDrawing(
  line: string,
  broken: () => Error,
): { readonly word: string; readonly strokes: readonly Stroke[] } {
  let fields: { readonly word?: unknown; readonly drawing?: unknown } | null;
  try {
    fields = parseJsonText(line) as typeof fields;
  } catch {
    throw broken();
  }
  const [word, drawing] = [fields?.word, fields?.drawing];
  const isNumbers = (list: unknown): boolean => Array.isArray(list) && list.every((value) => Number.isFinite(value));
  const isStroke = (stroke: unknown): stroke is Stroke =>
    Array.isArray(stroke) && isNumbers(stroke[0]) && isNumbers(stroke[1]) && stroke[0].length === stroke[1].length;
  if (typeof word !== "string" || word === "" || !Array.isArray(drawing) || !drawing.every(isStroke)) throw broken();
  return { word, strokes: drawing };
}

async function openDrawings(place: Place, signal: AbortSignal | undefined): Promise<Dataset> {
  const files = place.kind === "file" ? [place] : await filesOf(place, ".ndjson");
  const rows = new ImageRows([BITMAP_SIDE, BITMAP_SIDE, 1]);
  const words: string[] = [];
  const known = new Map<string, string>();
  for (const file of files) {
    let line = 0;
    for await (const text of readLines(file.pieces(signal), file.path)) {
      line++;
      if (text.trim() === "") continue;
      const { word, strokes } = parseDrawing(text, () =>
        damaged(file.path, `line ${line} is not a word and a drawing`),
      );
      if (!known.has(word)) known.set(word, word);
      words.push(known.get(word)!);
      rows.push(drawStrokes(strokes));
    }
  }
  if (known.size < 2)
    throw invalid(
      place.path,
      `it has only one class, "${words[0] ?? ""}"; give a folder with the .ndjson files of several classes`,
    );
  const classNames = [...known.keys()].sort();
  const numbers = new Map(classNames.map((name, k) => [name, k]));
  const order = Uint32Array.from(words.keys());
  return validateDataset({
    images: rows.take(order),
    labels: Uint16Array.from(words, (word) => numbers.get(word)!),
    imageShape: [BITMAP_SIDE, BITMAP_SIDE, 1],
    classNames,
    provenance: { source: place.path, description: `drawings of ${place.name}, drawn as 28 × 28 pixels` },
    skipped: [],
  });
}

/** Drawings of Quick, Draw!, which have a word and strokes on each line, in a file or a folder with a file for each class. */
export const quickDraw: Format = {
  id: "ndjson",
  name: "an .ndjson file of drawings of Quick, Draw!, or a folder of these",
  extensions: [],
  matches({ head, names }) {
    if (names)
      return (
        names.some((name) => name.endsWith(".ndjson")) &&
        visible(names).every((name) => /\.(ndjson|md|txt)$/.test(name))
      );
    const line = new TextDecoder().decode(head);
    return /^\s*\{/.test(line) && /"word"\s*:/.test(line) && /"(key_id|countrycode|drawing)"\s*:/.test(line);
  },
  open: (place, { signal }) => openDrawings(place, signal),
};
