import { InklingError } from "../base/error.ts";
import { bytesPerImage, type Dataset } from "../datasets/dataset.ts";
import { encodePng } from "../image/encodePng.ts";
import type { NamedBytes } from "./format.ts";

/** 32 MiB. Larger files are skipped: nobody trains on images of that size. */
export const MAX_FILE_BYTES = 32 * 2 ** 20;

export const TOO_LARGE = `the file is larger than ${MAX_FILE_BYTES} bytes`;
export const NOT_A_FILE = "a link or a device, which is not followed";

/**
 * Whether a file, or a folder on its path, is hidden, such as `.DS_Store` or the `._` files that macOS adds to archives.
 * `..` is not hidden, including in Windows paths; it is rejected elsewhere.
 */
export const isHidden = (name: string): boolean => name.split("/").some((part) => /^\.(?!\.($|\\)).+/.test(part));

/** Names that would be hidden, lead elsewhere, or be rejected by some file system. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are unsafe in names
const unsafe = /^\.|[/\\:*?"<>|\x00-\x1f\x7f]|[. ]$/;

/**
 * The names of a data set's image files: `CLASS/ROW.png`, zero-padded so that sorting keeps the order within a class.
 * Throws `INVALID_DATA` for a class name that cannot be the name of a folder.
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

/** The images of a data set as PNG files, named by {@link imageFileNames}. */
export function* imageFiles(dataset: Dataset): Generator<NamedBytes> {
  const { images, imageShape } = dataset;
  const size = bytesPerImage(dataset);
  for (const [row, { name }] of imageFileNames(dataset).entries())
    yield { name, bytes: encodePng(images.subarray(row * size, (row + 1) * size), imageShape) };
}
