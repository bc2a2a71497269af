import { InklingError } from "../../base/error.ts";
import { bytesPerImage, type Dataset } from "../../datasets/dataset.ts";
import { encodePng } from "../../image/encodePng.ts";

export interface ImageFile {
  /** CLASS/NUMBER.png */
  readonly name: string;
  readonly className: string;
  readonly bytes: Uint8Array;
}

/** What would be hidden, lead elsewhere, or be refused by some file system. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unsafe = /^\.|[/\\:*?"<>|\x00-\x1f\x7f]|[. ]$/;

/** Throws `INVALID_DATA` for a class whose name can be no folder's. */
function checkFolderNames(classNames: readonly string[]): void {
  const wrong = classNames.find((name) => unsafe.test(name));
  if (wrong !== undefined)
    throw new InklingError(
      "INVALID_DATA",
      `class ${JSON.stringify(wrong)} cannot be the name of a folder everywhere; save the data set as .npz or .inkling`,
    );
}

/**
 * The files of a data set, a folder a class, named by their rows, so that they are read in the same order within a
 * class. Throws `INVALID_DATA` for a class whose name can be no folder's, before anything is written by it.
 */
export function imageFileNames({ labels, classNames }: Dataset): readonly Omit<ImageFile, "bytes">[] {
  checkFolderNames(classNames);
  const digits = String(Math.max(0, labels.length - 1)).length;
  return Array.from(labels, (label, row) => {
    const className = classNames[label]!;
    return { name: `${className}/${String(row).padStart(digits, "0")}.png`, className };
  });
}

/** {@link imageFileNames} with their contents, PNG. */
export function* imageFiles(dataset: Dataset): Generator<ImageFile> {
  const { images, imageShape } = dataset;
  const size = bytesPerImage(dataset);
  for (const [row, file] of imageFileNames(dataset).entries())
    yield { ...file, bytes: encodePng(images.subarray(row * size, (row + 1) * size), imageShape) };
}
