import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { InklingError } from "../../base/error.ts";
import type { SplitName } from "../../datasets/splitSizes.ts";
import { invalid } from "../damaged.ts";

/**
 * Files of images have one of labels beside them, and may have one of class names, a line each:
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

/** Whether a file's name says that it holds images that have labels beside them. */
export const isImagesName = (name: string): boolean => swap(name, 1) !== undefined;

/** Whether a file in a folder is an IDX file of images, by its name. */
export const isIdxImages = (name: string): boolean => /idx3/.test(name) && isImagesName(name) && !name.startsWith(".");

/** The file of labels that belongs to a file of images. Throws `NOT_FOUND`. */
export function labelsBeside(path: string): string {
  const name = basename(path);
  const labels = swap(name, 1);
  const other = labels?.endsWith(".gz") ? labels.slice(0, -3) : `${labels}.gz`;
  const found = [labels, other].find((candidate) => candidate && existsSync(join(dirname(path), candidate)));
  if (found) return join(dirname(path), found);
  const advice = labels
    ? `put ${labels} beside it`
    : "give the file of images a name with images in it, and put one with labels in its place beside it";
  throw new InklingError("NOT_FOUND", `${path} has no labels: ${advice}`);
}

/** Where the class names for a file of images stand, if there are any. */
export const classesBeside = (path: string): string =>
  join(dirname(path), `${(swap(basename(path), 2) ?? basename(path)).replace(/([.-]idx3.*|\.npy)?(\.gz)?$/, "")}.txt`);

/** The class names beside a file of images. */
export async function readClassesBeside(path: string): Promise<readonly string[] | undefined> {
  const file = classesBeside(path);
  if (!existsSync(file)) return undefined;
  return (await readFile(file, "utf8")).split(/\r?\n/).filter((line) => line !== "");
}

/** Class names as {@link readClassesBeside} reads them. Throws `INVALID_DATA` for one that takes more than its line. */
export function classLines(classNames: readonly string[], path: string): string {
  const wrong = classNames.find((name) => /[\r\n]/.test(name));
  if (wrong === undefined) return `${classNames.join("\n")}\n`;
  const beside = basename(classesBeside(path));
  throw invalid(path, `class ${JSON.stringify(wrong)} has a line break, which ${beside} cannot hold; save it as .npz`);
}

/** What a file's name says of the part that it holds. */
export function partOf(name: string): SplitName {
  if (/(^|[^a-z])(t10k|test)([^a-z]|$)/i.test(name)) return "test";
  return /(^|[^a-z])(val|valid|validation)([^a-z]|$)/i.test(name) ? "validation" : "training";
}
