import { damaged, invalid } from "./format.ts";
import { countOf, type NdArray, numbers, rowMajor, texts } from "./ndarray.ts";

/** Labels read from arrays. */
export interface ClassLabels {
  readonly labels: Uint16Array;
  /** The number of labels in each array. */
  readonly counts: readonly number[];
  /** The number of classes: the largest label plus 1, or the width of one-hot labels. */
  readonly classes: number;
  /** The class names, if the labels are text. */
  readonly names?: readonly string[];
}

const MAX_CLASSES = 65536;

/** Concatenates the labels in arrays: integers (N,) or (N, 1), text (N,), or one-hot (N, K). Throws `INVALID_DATA`. */
export function readLabels(arrays: readonly NdArray[], what: string): ClassLabels {
  const counts = arrays.map(({ shape }) => shape[0] ?? 0);
  if (arrays.every(({ dtype }) => dtype.kind === "U" || dtype.kind === "S")) return textLabels(arrays, counts, what);
  const all = arrays.map((array) => (isOneHot(array) ? oneHot(rowMajor(array), what) : wholeLabels(array, what)));
  const labels = new Uint16Array(counts.reduce((sum, count) => sum + count, 0));
  let at = 0;
  let classes = Math.max(0, ...arrays.filter(isOneHot).map(({ shape }) => shape[1]!));
  for (const part of all)
    for (const label of part) {
      labels[at++] = label;
      if (label >= classes) classes = label + 1;
    }
  return { labels, counts, classes };
}

const isOneHot = ({ shape }: NdArray): boolean => shape.length === 2 && shape[1]! > 1;

function wholeLabels(array: NdArray, what: string): Float64Array {
  const { shape } = array;
  if (!(shape.length === 1 || (shape.length === 2 && shape[1] === 1)))
    throw invalid(what, `labels of shape (${shape.join(", ")}) are not supported, only (N,), (N, 1) and (N, K)`);
  const labels = numbers(array, 0, countOf(shape), what);
  const wrong = labels.findIndex((label) => !(Number.isInteger(label) && label >= 0 && label < MAX_CLASSES));
  if (wrong >= 0)
    throw invalid(what, `label ${wrong} is ${labels[wrong]}, expected a whole number from 0 to ${MAX_CLASSES - 1}`);
  return labels;
}

function oneHot(array: NdArray, what: string): Float64Array {
  const [count = 0, classes = 0] = array.shape;
  if (classes > MAX_CLASSES) throw invalid(what, `${classes} classes are more than ${MAX_CLASSES}`);
  const labels = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    const values = numbers(array, row * classes, (row + 1) * classes, what);
    labels[row] = values.indexOf(1);
    if (labels[row]! < 0 || values.some((value, k) => value !== 0 && k !== labels[row]))
      throw damaged(what, `row ${row} of its labels is not one-hot`);
  }
  return labels;
}

function textLabels(arrays: readonly NdArray[], counts: readonly number[], what: string): ClassLabels {
  if (arrays.some(({ shape }) => shape.length !== 1)) throw invalid(what, "labels of text need the shape (N,)");
  const all = arrays.flatMap((array) => texts(array, what));
  const names = [...new Set(all)].sort();
  const numbersOf = new Map(names.map((name, k) => [name, k]));
  return { labels: Uint16Array.from(all, (name) => numbersOf.get(name)!), counts, classes: names.length, names };
}
