import { viewOf } from "../base/bytes.ts";
import type { Dataset } from "../datasets/dataset.ts";
import { datasetOfArrays } from "./arrays.ts";
import { inflateUpTo } from "./deflate.ts";
import { damaged, type Format, invalid, type ReadOptions } from "./format.ts";
import { checkedArray, countOf, type DType, type NdArray, numbers } from "./ndarray.ts";
import { partOf } from "./pairs.ts";
import { MAX_UNPACKED, type Source } from "./platform.ts";

/** Types of stored data: those of numbers. Level 5 MAT-file format, MathWorks, table 1-1. */
const numberTypes: Readonly<Record<number, Omit<DType, "littleEndian">>> = {
  1: { kind: "i", itemSize: 1 },
  2: { kind: "u", itemSize: 1 },
  3: { kind: "i", itemSize: 2 },
  4: { kind: "u", itemSize: 2 },
  5: { kind: "i", itemSize: 4 },
  6: { kind: "u", itemSize: 4 },
  7: { kind: "f", itemSize: 4 },
  9: { kind: "f", itemSize: 8 },
  12: { kind: "i", itemSize: 8 },
  13: { kind: "u", itemSize: 8 },
};
const MATRIX = 14;
const COMPRESSED = 15;
/** Classes of matrices: double to uint64. Those below are cells, structures, objects, text and sparse matrices. */
const [FIRST_NUMERIC, LAST_NUMERIC] = [6, 15];

const HEADER = 128;
const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** Whether bytes are the start of a MAT-file of level 5; that of version 7.3 is an HDF5 file. */
const isMat = (head: Uint8Array): boolean =>
  head.length >= HEADER &&
  text(head.subarray(0, 19)) === "MATLAB 5.0 MAT-file" &&
  /^(IM|MI)$/.test(text(head.subarray(126, 128)));

/** Elements of a file or a matrix. */
class Elements {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #little: boolean;
  readonly #what: string;
  #at: number;

  constructor(bytes: Uint8Array, at: number, little: boolean, what: string) {
    this.#view = viewOf(bytes);
    this.#bytes = bytes;
    this.#at = at;
    this.#little = little;
    this.#what = what;
  }

  get ended(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The next element: its type and data. Small ones have both in 8 bytes; all but compressed ones end at multiples of 8. */
  next(): { readonly type: number; readonly data: Uint8Array } {
    const start = this.#at;
    if (start + 8 > this.#bytes.length) throw damaged(this.#what, "it ends in the middle of an array");
    const first = this.#view.getUint32(start, this.#little);
    const isSmall = first >>> 16 !== 0;
    const type = isSmall ? first & 0xffff : first;
    const length = isSmall ? first >>> 16 : this.#view.getUint32(start + 4, this.#little);
    const from = start + (isSmall ? 4 : 8);
    if (from + length > this.#bytes.length || (isSmall && length > 4))
      throw damaged(this.#what, "it ends in the middle of an array");
    this.#at = isSmall ? start + 8 : from + length + (type === COMPRESSED ? 0 : (8 - (length % 8)) % 8);
    return { type, data: this.#bytes.subarray(from, from + length) };
  }
}

/** Reads the numeric arrays of a MAT-file of level 5 by name. Throws `INVALID_DATA`. */
async function readMat(file: Uint8Array, what: string): Promise<ReadonlyMap<string, NdArray>> {
  if (!isMat(file)) throw damaged(what, "it does not begin as a MAT-file of level 5");
  const little = text(file.subarray(126, 128)) === "IM";
  const arrays = new Map<string, NdArray>();
  const elements = new Elements(file, HEADER, little, what);
  let left = MAX_UNPACKED;
  while (!elements.ended) {
    let { type, data } = elements.next();
    if (type === COMPRESSED) {
      const unpacked = await inflateUpTo(data, left).catch((cause: unknown) => {
        throw damaged(what, `an array cannot be decompressed (${(cause as Error).message})`, cause);
      });
      left -= unpacked.length;
      ({ type, data } = new Elements(unpacked, 0, little, what).next());
    }
    const named = type === MATRIX ? matrix(data, little, what) : undefined;
    if (named) arrays.set(named.name, named.array);
  }
  return arrays;
}

/** A matrix: flags and class, dimensions, name, and real parts, column-major. Undefined if it is not of real numbers. */
function matrix(bytes: Uint8Array, little: boolean, what: string): { name: string; array: NdArray } | undefined {
  const elements = new Elements(bytes, 0, little, what);
  const flags = numbersOf(elements.next(), little, what)[0] ?? 0;
  const kind = flags & 0xff;
  if (kind < FIRST_NUMERIC || kind > LAST_NUMERIC || flags & 0x800) return undefined;
  const shape = numbersOf(elements.next(), little, what);
  const name = new TextDecoder().decode(elements.next().data);
  const { type, data } = elements.next();
  const dtype = numberTypes[type];
  if (!dtype) throw damaged(what, `the array ${name} has numbers of type ${type}`);
  const array = { dtype: { ...dtype, littleEndian: little }, shape, fortran: true, bytes: data };
  return { name, array: checkedArray(array, `${what}: ${name}`) };
}

function numbersOf({ type, data }: { type: number; data: Uint8Array }, little: boolean, what: string): number[] {
  const dtype = numberTypes[type];
  if (!dtype || data.length > 64) throw damaged(what, "the header of an array has no numbers");
  const shape = [data.length / dtype.itemSize];
  const array = checkedArray({ dtype: { ...dtype, littleEndian: little }, shape, fortran: false, bytes: data }, what);
  return Array.from(numbers(array, 0, shape[0]!, what));
}

const IMAGES = ["X", "x", "images", "data", "fea", "train_X", "X_train"];
const LABELS = ["y", "Y", "labels", "label", "gnd", "train_y", "y_train"];

/** Images with the image number last, as MATLAB has them, become images with it first: [H, W, C, N] or [H, W, N]. */
function imagesFirst(array: NdArray, count: number): NdArray {
  const { shape } = array;
  const last = shape.at(-1);
  if (shape.length < 3 || shape[0] === count || last !== count || array.bytes.length === 0) return array;
  // Column-major [H, W, C, N] is row-major [N, C, W, H]: give each image its rows back by swapping the axes of the indices.
  const [height = 0, width = 0] = shape;
  const channels = shape.length === 4 ? shape[2]! : 1;
  const size = array.dtype.itemSize;
  const bytes = new Uint8Array(array.bytes.length);
  let to = 0;
  for (let n = 0; n < count; n++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < channels; c++) {
          const from = (((n * channels + c) * width + x) * height + y) * size;
          for (let b = 0; b < size; b++) bytes[to++] = array.bytes[from + b]!;
        }
  return { ...array, shape: [count, height, width, channels], fortran: false, bytes };
}

/** Labels of 1 to 10 that have no names, as digits, with 10 for 0 as in SVHN; others as they are. */
function labelsOf(array: NdArray, hasNames: boolean, what: string): NdArray | readonly string[] {
  const flat = { ...array, shape: [countOf(array.shape)], fortran: false };
  if (array.shape.length > 2 || Math.min(...array.shape) !== 1) return array;
  if (hasNames) return flat;
  const values = Array.from(numbers(flat, 0, flat.shape[0]!, what));
  const isDigits = values.includes(10) && values.every((value) => Number.isInteger(value) && value >= 1 && value <= 10);
  return isDigits ? values.map((value) => String(value % 10)) : flat;
}

/** The arrays of images and labels among those of a file, by their usual names. Throws `INVALID_DATA`. */
function pairOf(arrays: ReadonlyMap<string, NdArray>, what: string): readonly [images: NdArray, labels: NdArray] {
  for (const images of IMAGES)
    for (const labels of LABELS) {
      const [x, y] = [arrays.get(images), arrays.get(labels)];
      if (x && y) return [x, y];
    }
  const names = [...arrays].slice(0, 8).map(([name, { shape }]) => `${name} (${shape.join(", ")})`);
  throw invalid(
    what,
    `${names.length === 0 ? "it has no arrays of numbers" : `its arrays are ${names.join(", ")}`}, expected X and y, or images and labels: save them under such names`,
  );
}

/** MATLAB's file format, level 5, compressed or not: images X and labels y, such as SVHN's. */
export const mat: Format = {
  id: "mat",
  name: "a .mat file with arrays X and y",
  extensions: [],
  matches: ({ head }) => isMat(head),
  async open(source: Source, options: ReadOptions): Promise<Dataset> {
    const { path, name } = source;
    const { classNames, signal } = options;
    const arrays = await readMat(await source.bytes(signal), path);
    const [images, labels] = pairOf(arrays, path);
    const count = Math.max(...labels.shape, 0);
    const digits = labelsOf(labels, classNames !== undefined, path);
    const isDigits = !("dtype" in digits);
    const provenance = {
      source: path,
      description: `arrays of ${name}`,
      ...(isDigits && { reading: "label 10 is the digit 0" }),
    };
    const pair = { images: imagesFirst(images, count), labels: digits };
    return datasetOfArrays([pair], { what: path, read: options, provenance, classNames, parts: [partOf(name)] });
  },
};
