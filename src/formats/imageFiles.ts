import { InklingError } from "../base/error.ts";
import { bytesPerImage, type Dataset } from "../datasets/dataset.ts";
import { encodePng } from "../image/encodePng.ts";
import type { NamedBytes } from "./format.ts";

/** Larger files are not images that anyone trains on as they are, and are skipped: 32 MiB. */
export const MAX_FILE_BYTES = 32 * 2 ** 20;

export const TOO_LARGE = `the file is larger than ${MAX_FILE_BYTES} bytes`;
export const NOT_A_FILE = "a link or a device, which is not followed";

/** Whether a name, or a folder on its way, is hidden: `.DS_Store`, or the `._` files that macOS puts into archives. A way up is not hidden, also as Windows writes it. */
export const isHidden = (name: string): boolean => name.split("/").some((part) => /^\.(?!\.($|\\)).+/.test(part));

/** What would be hidden, lead elsewhere, or be refused by some file system. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unsafe = /^\.|[/\\:*?"<>|\x00-\x1f\x7f]|[. ]$/;

/**
 * The names of a data set's image files, `CLASS/ROW.png`, so that they are read in the same order within a class. Throws
 * `INVALID_DATA` for a class that cannot be a folder's name.
 */
export function imageFileNames({ labels, classNames }: Dataset): readonly { name: string; className: string }[] {
  const wrong = classNames.find((name) => unsafe.test(name));
  if (wrong !== undefined)
    throw new InklingError(
      "INVALID_DATA",
      `class ${JSON.stringify(wrong)} is not a valid folder name on every system; save the data set as .npz or .inkling`,
    );
  const digits = String(Math.max(0, labels.length - 1)).length;
  return Array.from(labels, (label, row) => {
    const className = classNames[label]!;
    return { name: `${className}/${String(row).padStart(digits, "0")}.png`, className };
  });
}

/** The image files of a data set, PNG, by {@link imageFileNames}. */
export function* imageFiles(dataset: Dataset): Generator<NamedBytes> {
  const { images, imageShape } = dataset;
  const size = bytesPerImage(dataset);
  for (const [row, { name }] of imageFileNames(dataset).entries())
    yield { name, bytes: encodePng(images.subarray(row * size, (row + 1) * size), imageShape) };
}
