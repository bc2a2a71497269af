import { bytesPerImage } from "../datasets/dataset.ts";
import { type AnyDataset, readImages } from "../datasets/index.ts";
import { imageOf, toGray } from "../image/image.ts";
import { findInk } from "../pictures/ink.ts";
import { type Accuracy, accuracyOf } from "./score.ts";

/** A property by which images are told apart, such as the scanner that they come from. */
export interface Slicing {
  /** What the property is called, such as `group` or the name of a column. */
  readonly by: string;
  /** Shape [N]: its value for each image. */
  readonly values: readonly string[];
}

/** The accuracy of images that share a value of a property. */
export interface Slice {
  readonly by: string;
  /** In the order in which the values sort. Of more than 100, those with the lowest upper end of the interval. */
  readonly values: readonly (Accuracy & { readonly value: string })[];
  /** The number of values that are not listed. */
  readonly omitted: number;
}

/** The most values of one property that are listed. */
const LISTED = 100;

const inOrder = new Intl.Collator("en", { numeric: true }).compare;

/** The accuracy for each value of a property, from whether each answer [N] is right. */
export function sliceBy({ by, values }: Slicing, isRight: readonly boolean[]): Slice {
  const counts = new Map<string, { right: number; count: number }>();
  for (const [n, value] of values.entries()) {
    const own = counts.get(value) ?? { right: 0, count: 0 };
    counts.set(value, { right: own.right + Number(isRight[n]), count: own.count + 1 });
  }
  const all = [...counts].map(([value, { right, count }]) => ({ value, ...accuracyOf(right, count) }));
  const worst = all.sort((a, b) => a.interval[1] - b.interval[1]).slice(0, LISTED);
  return { by, values: worst.sort((a, b) => inOrder(a.value, b.value)), omitted: all.length - worst.length };
}

/**
 * What a data set itself tells about the given rows: their group, the folders of their files other than those of the class,
 * how bright they are on average, and how much of the frame the ink takes, the last two in quarters of the images.
 */
export function slicingsOf(dataset: AnyDataset, rows: ArrayLike<number>): readonly Slicing[] {
  const { groups, names } = dataset;
  return [
    ...(groups ? [{ by: "group", values: Array.from(rows, (row) => String(groups[row]!)) }] : []),
    ...(names ? folders(dataset, names, rows) : []),
    ...(rows.length > 0 ? looks(dataset, rows) : []),
  ].filter(({ values }) => new Set(values).size > 1);
}

/** The slicing of a column of a table: by its values or, if these are more than ten different numbers, by their quarters. */
export function columnSlicing(by: string, values: readonly string[]): Slicing {
  const numbers = Float64Array.from(values, (value) => (value === "" ? Number.NaN : Number(value)));
  const isNumeric = numbers.every(Number.isFinite) && new Set(numbers).size > 10;
  return { by, values: isNumeric ? quarters(numbers, (value) => `${Number(value.toPrecision(4))}`, "") : values };
}

/** A slicing for each level of folders that does not name the class. */
function folders(
  { labels, classNames }: AnyDataset,
  names: readonly string[],
  rows: ArrayLike<number>,
): readonly Slicing[] {
  const paths = Array.from(rows, (row) => names[row]!.split("/").slice(0, -1));
  const levels = Math.max(0, ...paths.map((path) => path.length));
  const slicings = Array.from({ length: levels }, (_, level) => ({
    by: levels === 1 ? "folder" : `folder ${level + 1}`,
    values: paths.map((path) => path[level] ?? ""),
  }));
  const isClass = (values: readonly string[]) => values.every((value, n) => value === classNames[labels[rows[n]!]!]);
  return slicings.filter(({ values }) => !isClass(values));
}

/** Brightness and size of the given rows, in quarters. */
function looks(dataset: AnyDataset, rows: ArrayLike<number>): readonly Slicing[] {
  const [height, width, channels] = dataset.imageShape;
  if (channels !== 1 && channels !== 3) return [];
  const pixels = new Uint8Array(bytesPerImage(dataset));
  const brightness = new Float64Array(rows.length);
  const size = new Float64Array(rows.length);
  for (let n = 0; n < rows.length; n++) {
    readImages(dataset, [rows[n]!], pixels);
    const gray = toGray(imageOf(pixels, dataset.imageShape));
    brightness[n] = gray.pixels.reduce((sum, pixel) => sum + pixel, 0) / (255 * gray.pixels.length);
    const box = findInk(gray)?.box;
    size[n] = box ? ((box.right - box.left) * (box.bottom - box.top)) / (width * height) : 0;
  }
  return [
    { by: "brightness", values: quarters(brightness, percent, " %") },
    { by: "size of the ink", values: quarters(size, percent, " %") },
  ];
}

const percent = (value: number): string => `${Math.round(100 * value)}`;

/** The quarter of the values in which each is, named by its range; equal values are in the same quarter. */
function quarters(values: Float64Array, format: (value: number) => string, unit: string): readonly string[] {
  const sorted = values.toSorted();
  const limits = [1, 2, 3].map((q) => sorted[Math.floor((q * sorted.length) / 4)]!);
  const quarterOf = (value: number) => limits.filter((limit) => value >= limit).length;
  const names = [0, 1, 2, 3].map((q) => {
    const own = sorted.filter((value) => quarterOf(value) === q);
    if (own.length === 0) return "";
    const [low, high] = [format(own[0]!), format(own.at(-1)!)];
    return low === high ? `${low}${unit}` : `${low}–${high}${unit}`;
  });
  return Array.from(values, (value) => names[quarterOf(value)]!);
}
