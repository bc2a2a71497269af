import { bytesPerImage, type Dataset, withReading } from "../../datasets/dataset.ts";
import { divide } from "../../datasets/divide.ts";
import type { Split } from "../../datasets/split.ts";
import type { SplitName } from "../../datasets/splitSizes.ts";
import { normalize } from "../../datasets/tensors.ts";
import type { ArrayOptions } from "../arrays.ts";
import type { Format } from "../format.ts";
import { datasetOfNamedArrays, findClassNames } from "../namedArrays.ts";
import type { Source } from "../platform.ts";
import { isPickle, readPickledArrays } from "./read.ts";
import { type PickledArray, writePickle } from "./write.ts";

/** A, B, …, Z; then numbers. */
const letter = (k: number): string => (k < 26 ? String.fromCharCode(65 + k) : String(k));

/**
 * Decodes a pickle such as the course's `notMNIST.pickle`: a dict of `train_dataset`, `train_labels` and the same for
 * `valid` and `test`, or one with other names of arrays. Classes have the names in `class_names`, if it has these;
 * otherwise those of the course's are A, B, …, and others are numbers. Throws `INVALID_DATA`.
 */
export function decodePickle(file: Uint8Array, options: ArrayOptions): Dataset {
  const { arrays, names } = readPickledArrays(file, options.what);
  const classNames = options.classNames ?? findClassNames(names);
  const isCourses = keys.some(([, key]) => arrays.has(`${key}_dataset`));
  if (classNames || !isCourses) return datasetOfNamedArrays(arrays, { ...options, classNames });
  const provenance = withReading(
    options.provenance,
    "the classes 0, 1, … are called A, B, … as in the course's pickle",
  );
  return datasetOfNamedArrays(arrays, { ...options, nameClass: letter, provenance });
}

const ROWS = 1024;
const keys: readonly (readonly [SplitName, string])[] = [
  ["training", "train"],
  ["validation", "valid"],
  ["test", "test"],
];

/**
 * The course's pickle, in pieces: images are float32 (N, H, W), or (N, H, W, C) in color, with values (p − 127.5) / 255;
 * labels are int32 (N,). The list `class_names` is added unless the classes are A, B, … and all have images.
 */
function encodePickle(dataset: Dataset, split: Split, protocol?: number): Generator<Uint8Array> {
  const dict: Record<string, PickledArray | readonly string[]> = {};
  for (const [part, key] of keys) {
    dict[`${key}_dataset`] = imagesOf(dataset, split[part]);
    dict[`${key}_labels`] = labelsOf(dataset, split[part]);
  }
  const { classNames, labels } = dataset;
  const shown = new Set(keys.flatMap(([part]) => Array.from(split[part], (row) => labels[row]!)));
  if (shown.size < classNames.length || classNames.some((name, k) => name !== letter(k)))
    dict["class_names"] = classNames;
  return writePickle(dict, protocol);
}

/** The normalized value of each pixel. */
const normalized = Float32Array.from({ length: 256 }, (_, pixel) => normalize(pixel));

function imagesOf(dataset: Dataset, rows: Uint32Array): PickledArray {
  const [height, width, channels] = dataset.imageShape;
  const size = bytesPerImage(dataset);
  return {
    descr: "f4",
    shape: channels === 1 ? [rows.length, height, width] : [rows.length, ...dataset.imageShape],
    byteLength: rows.length * size * 4,
    *pieces() {
      for (let start = 0; start < rows.length; start += ROWS) {
        const some = rows.subarray(start, start + ROWS);
        const values = new Float32Array(some.length * size);
        let at = 0;
        for (const row of some)
          for (let i = row * size; i < (row + 1) * size; i++) values[at++] = normalized[dataset.images[i]!]!;
        yield new Uint8Array(values.buffer);
      }
    },
  };
}

function labelsOf({ labels }: Dataset, rows: Uint32Array): PickledArray {
  return {
    descr: "i4",
    shape: [rows.length],
    byteLength: rows.length * 4,
    pieces: () => [new Uint8Array(Int32Array.from(rows, (row) => labels[row]!).buffer)],
  };
}

/** The course's notMNIST.pickle: train_dataset, train_labels and the same for valid and test. */
export const pickle: Format = {
  id: "pickle",
  name: "a .pickle file such as the course's notMNIST.pickle",
  extensions: [".pickle", ".pkl"],
  savesParts: true,
  matches: ({ head }) => isPickle(head),
  async open(source: Source, options) {
    const { classNames, signal } = options;
    const provenance = { source: source.path, description: `arrays of ${source.name}` };
    return decodePickle(await source.bytes(signal), { what: source.path, read: options, provenance, classNames });
  },
  encode: (dataset, name, { split, protocol }) => [
    { name, contents: encodePickle(dataset, split ?? divide(dataset, {}, {}).split, protocol) },
  ],
};
