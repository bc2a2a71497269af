import { InklingError } from "../base/error.ts";
import { quoted } from "../base/printable.ts";
import { bytesPerImage, type Dataset } from "../datasets/dataset.ts";
import { partAt } from "../datasets/parts.ts";
import type { SplitName } from "../datasets/splitSizes.ts";
import { encodePng } from "../image/encodePng.ts";
import type { Entry, NamedBytes } from "./format.ts";

/** 32 MiB. Larger files are skipped: nobody trains on images of that size. */
export const MAX_FILE_BYTES = 32 * 2 ** 20;

export const TOO_LARGE = `the file is larger than ${MAX_FILE_BYTES} bytes`;
export const NOT_A_FILE = "a link or a device, which is not followed";

/** The names of what systems put beside files: `.DS_Store`, `._` files, `.git`; folders of macOS, files of Windows. */
const hidden = /^(\.(?!\.($|\\)).+|__MACOSX|Thumbs\.db|desktop\.ini|@eaDir)$/i;

/**
 * The file, or the folder on its path, that is hidden, such as `.DS_Store` or `a/.git`; undefined if none is. `..` is not
 * hidden, including in Windows paths; it is rejected elsewhere.
 */
export function hiddenPart(name: string): string | undefined {
  const parts = name.split("/");
  const at = parts.findIndex((part) => hidden.test(part));
  return at < 0 ? undefined : parts.slice(0, at + 1).join("/");
}

/** Whether a file, or a folder on its path, is hidden: see {@link hiddenPart}. */
export const isHidden = (name: string): boolean => hiddenPart(name) !== undefined;

/** An entry that is only mentioned: see {@link Entry.aside}. */
export const asideEntry = (name: string, aside: NonNullable<Entry["aside"]>, read: number): Entry => ({
  name: aside === "hidden" ? hiddenPart(name)! : name,
  aside,
  unread: `it is ${aside === "hidden" ? "hidden" : "a folder"}`,
  bytes: new Uint8Array(),
  read,
});

/** Names that would be hidden, lead elsewhere, or be rejected by some file system. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are unsafe in names
const unsafe = /^\.|[/\\:*?"<>|\x00-\x1f\x7f]|[. ]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** The folders of the parts of a data set that is split. */
export const partFolders: Readonly<Record<SplitName, string>> = { training: "train", validation: "val", test: "test" };

/**
 * The names of a data set's image files: `CLASS/ROW.png`, zero-padded so that sorting keeps the order within a class; if
 * the data set is split, in a folder for each part, such as `train/CLASS/ROW.png`.
 * Throws `INVALID_DATA` for a class name that cannot be the name of a folder.
 */
export function imageFileNames(dataset: Dataset): readonly { name: string; className: string }[] {
  const { labels, classNames } = dataset;
  const wrong = classNames.find((name) => unsafe.test(name) || isHidden(name));
  if (wrong !== undefined)
    throw new InklingError(
      "INVALID_DATA",
      `class ${quoted(wrong)} is not a valid folder name on every system; save the data set as .npz or .inkling`,
    );
  const digits = String(Math.max(0, labels.length - 1)).length;
  return Array.from(labels, (label, row) => {
    const className = classNames[label]!;
    const part = partAt(dataset, row);
    const file = `${className}/${String(row).padStart(digits, "0")}.png`;
    return { name: part ? `${partFolders[part]}/${file}` : file, className };
  });
}

/** The images of a data set as PNG files, named by {@link imageFileNames}. */
export function* imageFiles(dataset: Dataset): Generator<NamedBytes> {
  const { images, imageShape } = dataset;
  const size = bytesPerImage(dataset);
  for (const [row, { name }] of imageFileNames(dataset).entries())
    yield { name, bytes: encodePng(images.subarray(row * size, (row + 1) * size), imageShape) };
}
