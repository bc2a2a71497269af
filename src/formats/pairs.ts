import { InklingError } from "../base/error.ts";
import { quoted } from "../base/printable.ts";
import type { SplitName } from "../datasets/splitSizes.ts";
import { readLines } from "./csv.ts";
import { invalid } from "./format.ts";
import type { Source } from "./platform.ts";

/**
 * Next to a file of images is a file of labels, and optionally a file of class names, one per line:
 * train-images-idx3-ubyte and train-labels-idx1-ubyte, x_train.npy and y_train.npy.
 */
const swaps: readonly (readonly [images: RegExp, labels: string, classes: string])[] = [
  [/images([.-])idx3/, "labels$1idx1", "classes$1idx3"],
  [/images|imgs/, "labels", "classes"],
  [/\bx(?=[_.-])/i, "y", "classes"],
  [/^X(?=[_.-]|train|test)/, "y", "classes"],
];

const swap = (name: string, to: 1 | 2): string | undefined => {
  const found = swaps.find(([images]) => images.test(name));
  return found && name.replace(found[0], found[to]);
};

/** The name of the label file for an image file; unchanged unless {@link isImagesName}. */
export const labelsName = (name: string): string => swap(name, 1) ?? name;

/** Whether a file name is that of an image file with labels next to it. */
export const isImagesName = (name: string): boolean => swap(name, 1) !== undefined;

/** Whether a file name is that of an IDX file of images. */
export const isIdxImages = (name: string): boolean =>
  /idx3|\.idx(\.gz)?$/.test(name) && isImagesName(name) && !name.startsWith(".");

/** The label file next to an image file, gzipped or not. Throws `NOT_FOUND`. */
export async function labelsBeside(images: Source): Promise<Source> {
  const labels = swap(images.name, 1);
  const other = labels?.endsWith(".gz") ? labels.slice(0, -3) : `${labels}.gz`;
  for (const name of labels ? [labels, other] : []) {
    const found = await images.folder?.find(name);
    if (found) return found;
  }
  const advice = labels
    ? `put ${labels} next to it`
    : 'put "images" in the name of the image file, and next to it a file with "labels" in that place';
  throw new InklingError("NOT_FOUND", `${images.path} has no labels: ${advice}`);
}

/** The name of the file of class names for an image file. */
export const classesName = (name: string): string =>
  `${(swap(name, 2) ?? name).replace(/([.-]idx3.*|\.npy)?(\.gz)?$/, "")}.txt`;

/** Reads the class names next to an image file, if there are any. */
export async function readClassesBeside(images: Source): Promise<readonly string[] | undefined> {
  const file = await images.folder?.find(classesName(images.name));
  if (!file) return undefined;
  const names: string[] = [];
  for await (const line of readLines(file.pieces(), file.path)) if (line.trim() !== "") names.push(line);
  return names;
}

/** Class names, one per line, for {@link readClassesBeside}. Throws `INVALID_DATA` for a name that has a line break. */
export function classLines(classNames: readonly string[], images: string): Uint8Array {
  const wrong = classNames.find((name) => /[\r\n]/.test(name));
  if (wrong === undefined) return new TextEncoder().encode(`${classNames.join("\n")}\n`);
  const problem = `class ${quoted(wrong)} has a line break, which ${classesName(images)} cannot hold`;
  throw invalid(images, `${problem}; save it as .npz`);
}

/** The part of a data set that a file holds, judging by its name. Default: training. */
export function partOf(name: string): SplitName {
  if (/(^|[^a-z])(t10k|test)([^a-z]|$)/i.test(name)) return "test";
  return /(^|[^a-z])(val|valid|validation)([^a-z]|$)/i.test(name) ? "validation" : "training";
}
