import type { Dataset } from "../datasets/dataset.ts";
import { datasetOfArrays, type LabeledArrays } from "./arrays.ts";
import { damaged, type Format, type Glimpse, invalid, isGzip, type ReadOptions } from "./format.ts";
import { MAX_FILE_BYTES } from "./imageFiles.ts";
import { checkedArray, type NdArray } from "./ndarray.ts";
import { partOf } from "./pairs.ts";
import { isPickle, readPickle } from "./pickle/read.ts";
import { nameOf, PickleArray, PickleDict, PickleList, type PickleValue } from "./pickle/values.ts";
import type { Folder, Place, Platform, Source } from "./platform.ts";
import { tarEntries } from "./tar.ts";

/** 32 × 32 pixels of red, then of green, then of blue. */
const SIDE = 32;
const PIXELS = 3 * SIDE * SIDE;

/** The folders in which the data sets are published. */
const FOLDERS = ["cifar-10-batches-py", "cifar-10-batches-bin", "cifar-100-python", "cifar-100-binary"];
const PICKLED = [
  "data_batch_1",
  "data_batch_2",
  "data_batch_3",
  "data_batch_4",
  "data_batch_5",
  "test_batch",
  "train",
  "test",
];
const FILES = [
  ...PICKLED,
  ...PICKLED.map((name) => `${name}.bin`),
  ...["batches.meta", "meta", "batches.meta.txt", "fine_label_names.txt"],
];
const BATCH = /^(data_batch_\d+|test_batch|train|test)(\.bin)?$/;
/** Files with the names of the classes. */
const NAMES = /^(batches\.meta|meta|batches\.meta\.txt|fine_label_names\.txt)$/;
/** The largest file, in bytes: the training set of CIFAR-100, as a pickle, has 155 MB. */
const MAX_BATCH = 8 * MAX_FILE_BYTES;

type Files = ReadonlyMap<string, Uint8Array>;

/** The batches and names in a folder, or in the folder of the data set within it. */
async function filesIn(folder: Folder): Promise<Files> {
  const names = await folder.names();
  const within = FOLDERS.find((name) => names.includes(name));
  const files = new Map<string, Uint8Array>();
  for (const name of FILES) {
    if (within === undefined && !names.includes(name)) continue;
    const file = await folder.entry(within === undefined ? name : `${within}/${name}`).catch(() => "it is not there");
    if (typeof file === "string") continue;
    if (file.size > MAX_BATCH) throw invalid(file.path, `a batch of ${file.size} bytes is too large`);
    files.set(name, await file.bytes());
  }
  return files;
}

/** The batches and names in a tar archive, gzipped or not. */
async function filesInArchive(source: Source, { signal }: ReadOptions, { gunzip }: Platform): Promise<Files> {
  const files = new Map<string, Uint8Array>();
  const isPacked = isGzip(await source.read(0, Math.min(2, source.size)));
  for await (const entry of tarEntries(source, isPacked ? gunzip : undefined, signal, MAX_BATCH)) {
    const name = entry.name.slice(entry.name.lastIndexOf("/") + 1);
    if (entry.bytes.length > 0 && (BATCH.test(name) || NAMES.test(name))) files.set(name, entry.bytes.slice());
  }
  return files;
}

/** A batch, and the names beside it. */
async function filesOfBatch(source: Source, signal?: AbortSignal): Promise<Files> {
  const files = new Map([[source.name, await source.bytes(signal)]]);
  for (const name of ["batches.meta", "meta"]) {
    const beside = await source.folder?.find(name);
    if (beside && beside.size < MAX_FILE_BYTES) files.set(name, await beside.bytes(signal));
  }
  return files;
}

/** The images (N, 3, 32, 32) and labels of a batch. Throws `INVALID_DATA`. */
function decodeBatch(file: Uint8Array, name: string, what: string): LabeledArrays {
  return isPickle(file) ? pickledBatch(file, what) : binaryBatch(file, /^(train|test)\.bin$/.test(name) ? 2 : 1, what);
}

const bytesOf = (bytes: Uint8Array, shape: readonly number[], what: string): NdArray =>
  checkedArray({ dtype: { kind: "u", itemSize: 1, littleEndian: true }, shape, fortran: false, bytes }, what);

/** A dict with data (N, 3072) and labels, or, in CIFAR-100, fine_labels. */
function pickledBatch(file: Uint8Array, what: string): LabeledArrays {
  const dict = readPickle(file, what);
  const entries: ReadonlyMap<string, PickleValue> = dict instanceof PickleDict ? dict.entries : new Map();
  const data = entries.get("data");
  const labels = entries.get("fine_labels") ?? entries.get("labels");
  const array = data instanceof PickleArray ? data.array : undefined;
  if (
    array?.dtype.kind !== "u" ||
    array.dtype.itemSize !== 1 ||
    array.shape[1] !== PIXELS ||
    !(labels instanceof PickleList)
  )
    throw invalid(what, `it is not a batch of CIFAR: expected data (N, ${PIXELS}) of bytes, and labels`);
  const numbers = labels.items.map((label) => (typeof label === "number" && label < 256 ? label : Number.NaN));
  if (numbers.some((label) => !Number.isInteger(label) || label < 0)) throw damaged(what, "a label is not 0 to 255");
  const images = { ...array, shape: [array.shape[0]!, 3, SIDE, SIDE] };
  return { images, labels: bytesOf(Uint8Array.from(numbers), [numbers.length], what) };
}

/** Records of one label (of two in CIFAR-100, coarse and fine) and 3072 bytes. */
function binaryBatch(file: Uint8Array, labelBytes: number, what: string): LabeledArrays {
  const record = labelBytes + PIXELS;
  const count = file.length / record;
  if (count < 1 || !Number.isInteger(count))
    throw damaged(what, `it has ${file.length} bytes, expected a multiple of ${record}`);
  const images = new Uint8Array(count * PIXELS);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    labels[i] = file[i * record + labelBytes - 1]!;
    images.set(file.subarray(i * record + labelBytes, (i + 1) * record), i * PIXELS);
  }
  return { images: bytesOf(images, [count, 3, SIDE, SIDE], what), labels: bytesOf(labels, [count], what) };
}

/** The names of the classes, from a pickle with label_names or fine_label_names, or lines of text. */
function classNamesIn(files: Files, what: string): readonly string[] | undefined {
  for (const [name, bytes] of files) {
    if (!NAMES.test(name)) continue;
    if (!isPickle(bytes)) {
      const lines = new TextDecoder().decode(bytes).split(/\r?\n/);
      return lines.map((line) => line.trim()).filter((line) => line !== "");
    }
    const dict = readPickle(bytes, `${what}: ${name}`);
    const list =
      dict instanceof PickleDict ? (dict.entries.get("fine_label_names") ?? dict.entries.get("label_names")) : null;
    const names = list instanceof PickleList ? list.items.map(nameOf) : [];
    if (names.length > 0 && names.every((one) => one !== undefined)) return names as string[];
  }
  return undefined;
}

function datasetOf(files: Files, place: Place, options: ReadOptions): Dataset {
  const what = place.path;
  const batches = [...files].filter(([name]) => BATCH.test(name) || files.size === 1 || name === place.name);
  if (batches.length === 0) throw invalid(what, "it has no batch, such as data_batch_1 or train.bin");
  batches.sort(([a], [b]) => (partOf(a) === partOf(b) ? (a < b ? -1 : 1) : partOf(a) === "test" ? 1 : -1));
  const pairs = batches.map(([name, bytes]) => decodeBatch(bytes, name, `${what}: ${name}`));
  return datasetOfArrays(pairs, {
    what,
    read: options,
    provenance: { source: what, description: `CIFAR batches (${batches.map(([name]) => name).join(", ")})` },
    classNames: options.classNames ?? classNamesIn(files, what),
    parts: batches.map(([name]) => partOf(name)),
  });
}

/** The first name in a tar archive is that of a folder in which CIFAR is published. */
const isArchive = ({ head, inner }: Glimpse): boolean => {
  const start = new TextDecoder().decode((isGzip(head) ? inner : head).subarray(0, 100));
  return FOLDERS.some((folder) => start.replace(/^\.\//, "").startsWith(`${folder}/`));
};

/** A pickled batch begins with one of its keys. */
const isBatch = ({ head }: Glimpse): boolean =>
  isPickle(head) && /^.{2,16}(batch_label|filenames)/s.test(String.fromCharCode(...head.subarray(0, 40)));

const isFolder = (names: readonly string[]): boolean =>
  names.some((name) => FOLDERS.includes(name) || /^data_batch_\d+(\.bin)?$/.test(name)) ||
  ["meta", "train", "test"].every((name) => names.includes(name)) ||
  ["fine_label_names.txt", "train.bin"].every((name) => names.includes(name));

/**
 * CIFAR-10 and CIFAR-100 as they are published: pickles or binary batches, in a folder or in the archive; also a single
 * pickled batch. The test batch is the test part. Classes of CIFAR-100 are the fine ones.
 */
export const cifar: Format = {
  id: "cifar",
  name: "CIFAR-10 or CIFAR-100 as published: its archive, its folder, or a pickled batch",
  extensions: [],
  matches: (glimpse) => (glimpse.names ? isFolder(glimpse.names) : isArchive(glimpse) || isBatch(glimpse)),
  async open(place, options, platform) {
    if (place.kind === "folder") return datasetOf(await filesIn(place), place, options);
    const isPickled = isPickle(await place.read(0, Math.min(2, place.size)));
    const files = isPickled
      ? await filesOfBatch(place, options.signal)
      : await filesInArchive(place, options, platform);
    return datasetOf(files, place, options);
  },
};
