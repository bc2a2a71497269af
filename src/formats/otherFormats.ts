// biome-ignore-all lint/suspicious/noControlCharactersInRegex: signatures of files have control characters

import { fileKind } from "../image/header.ts";

const UNPACK = "unpack it and use the folder, or make a .zip of it";

/** Files that are not read, by how they start, and what to do about them. */
const others: readonly (readonly [start: RegExp, what: string])[] = [
  [/^Rar!\x1a\x07/, `a RAR archive, which is not supported; ${UNPACK}`],
  [/^7z\xbc\xaf\x27\x1c/, `a 7-Zip archive, which is not supported; ${UNPACK}`],
  [/^\xfd7zXZ\0/, `compressed with xz, which is not supported; ${UNPACK}`],
  [/^BZh[1-9]/, `compressed with bzip2, which is not supported; ${UNPACK}`],
  [/^\x28\xb5\x2f\xfd/, `compressed with Zstandard, which is not supported; ${UNPACK}`],
  [/^\x1f\x9d/, `compressed with compress, which is not supported; ${UNPACK}`],
  [/^MSCF\0/, `a cabinet, which is not supported; ${UNPACK}`],
  [/^PK(\x07\x08|00PK)/, "part of a split .zip archive; join the parts first, e.g. with zip -s 0 NAME --out all.zip"],
  [/^(MZ|\x7fELF)/, `a program, perhaps a self-extracting archive; ${UNPACK}`],
  [/^#!/, `a script, perhaps a self-extracting archive; ${UNPACK}`],
  [/^MATLAB 7\.3 /, "a MATLAB 7.3 file (HDF5), which is not supported; save it with save(…, '-v7')"],
  [/^\s*(<!doctype html|<html)/i, "a web page, so the download went wrong or needs a login; fetch it again"],
  [
    /^\s*<\?xml/,
    "an XML file, which is not supported; use images in a folder for each class, or a CSV list of file,label",
  ],
  [/^version https:\/\/git-lfs/, "a pointer of Git LFS to the file; fetch the file itself with: git lfs pull"],
  [/^\xd0\xcf\x11\xe0/, "a Microsoft Office document; save its table as CSV"],
  [/^%PDF/, "a PDF document; extract its pictures into a folder for each class"],
  [/^\x89HDF\r\n/, "an HDF5 file, which is not supported; save its arrays with numpy.savez"],
  [/^SQLite format 3\0/, "an SQLite database, which is not supported; save its images as files or arrays"],
  [/^ARROW1\0/, "an Arrow file, which is not supported; save the data set as Parquet"],
  [/^\x80[\x00\x01]/, "a pickle of a protocol that is not supported; save it with protocol 2 to 5"],
];

/** A picture alone is not a data set. */
const ONE_PICTURE =
  "one picture; open the folder that has a folder of pictures for each class, or a list of files and labels";

/** What a file is whose format is not supported, and what to do: `a RAR archive, …`; undefined if it is unknown. */
export function otherFormat(head: Uint8Array): string | undefined {
  const start = String.fromCharCode(...head.subarray(0, 64));
  return others.find(([pattern]) => pattern.test(start))?.[1] ?? (fileKind(head) && ONE_PICTURE);
}
