import { invalid } from "./format.ts";
import { type ClassLabels, type LabelOptions, numberedClasses, textClasses } from "./labels.ts";
import { countOf, type NdArray, numbers, rowMajor, texts } from "./ndarray.ts";

/** Labels read from arrays. */
export interface ArrayLabels extends ClassLabels {
  /** The number of labels in each array. */
  readonly counts: readonly number[];
}

/**
 * Concatenates labels: arrays of numbers or text (N,) or (N, 1), one-hot (N, K), where class k is column k, or text as it
 * is. Throws `INVALID_DATA`.
 */
export function readLabels(parts: readonly (NdArray | readonly string[])[], options: LabelOptions): ArrayLabels {
  const { what } = options;
  const arrays = parts.filter(isArray);
  for (const array of arrays) checkShape(array, what);
  const counts = parts.map((part) => (isArray(part) ? (part.shape[0] ?? 0) : part.length));
  if (arrays.length < parts.length || arrays.some(isText))
    return {
      ...textClasses(
        parts.flatMap((part) => (isArray(part) ? texts(part, what) : part)),
        options,
      ),
      counts,
    };
  const all = new Float64Array(counts.reduce((sum, count) => sum + count, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(isWide(array) ? oneHot(rowMajor(array), what) : numbers(array, 0, countOf(array.shape), what), at);
    at += array.shape[0]!;
  }
  return { ...numberedClasses(all, options), counts };
}

const isArray = (labels: NdArray | readonly string[]): labels is NdArray => "dtype" in labels;
const isText = ({ dtype }: NdArray): boolean => dtype.kind === "U" || dtype.kind === "S";
const isWide = ({ shape }: NdArray): boolean => shape.length === 2 && shape[1]! !== 1;

function checkShape(array: NdArray, what: string): void {
  const { shape } = array;
  if ((shape.length !== 1 && shape.length !== 2) || shape[1] === 0 || (isText(array) && isWide(array)))
    throw invalid(
      what,
      `its labels have the shape (${shape.join(", ")}), expected (N,) or (N, 1), or one-hot numbers (N, K)`,
    );
}

function oneHot(array: NdArray, what: string): Float64Array {
  const [count = 0, classes = 0] = array.shape;
  const labels = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    const values = numbers(array, row * classes, (row + 1) * classes, what);
    const label = values.indexOf(1);
    if (label < 0 || values.some((value, k) => value !== 0 && k !== label))
      throw invalid(
        what,
        `row ${row} of its labels (${count}, ${classes}) is ${shortened(values)}, expected one 1 among zeros: save the number of each image's class instead`,
      );
    labels[row] = label;
  }
  return labels;
}

const shortened = (values: Float64Array): string =>
  values.length <= 6 ? `[${values.join(", ")}]` : `[${values.subarray(0, 5).join(", ")}, …]`;
