// biome-ignore-all lint/suspicious/noControlCharactersInRegex: signatures of files have control characters

const UNPACK = "unpack it and use the folder, or make a .zip of it";

/** Files that are not read, by how they start, and what to do about them. */
const others: readonly (readonly [start: RegExp, what: string])[] = [
  [/^Rar!\x1a\x07/, `a RAR archive, which is not supported; ${UNPACK}`],
  [/^7z\xbc\xaf\x27\x1c/, `a 7-Zip archive, which is not supported; ${UNPACK}`],
  [/^\xfd7zXZ\0/, `compressed by xz, which is not supported; ${UNPACK}`],
  [/^BZh[1-9]/, `compressed by bzip2, which is not supported; ${UNPACK}`],
  [/^\x28\xb5\x2f\xfd/, `compressed by Zstandard, which is not supported; ${UNPACK}`],
  [/^\x1f\x9d/, `compressed by compress, which is not supported; ${UNPACK}`],
  [/^MSCF\0/, `a cabinet, which is not supported; ${UNPACK}`],
  [/^PK(\x07\x08|00PK)/, "part of a split .zip archive; join the parts first, e.g. by zip -s 0 NAME --out all.zip"],
  [/^(MZ|\x7fELF)/, `a program, perhaps a self-extracting archive; ${UNPACK}`],
  [/^\x89HDF\r\n/, "an HDF5 file, which is not supported; save its arrays by numpy.savez"],
  [/^SQLite format 3\0/, "an SQLite database, which is not supported; save its images as files or arrays"],
  [/^ARROW1\0/, "an Arrow file, which is not supported; save the data set as Parquet"],
  [/^\x80[\x00\x01]/, "a pickle of a protocol that is not supported; save it with protocol 2 to 5"],
];

/** What a file is whose format is not supported, and what to do: `a RAR archive, …`; undefined if it is unknown. */
export function otherFormat(head: Uint8Array): string | undefined {
  const start = String.fromCharCode(...head.subarray(0, 16));
  return others.find(([pattern]) => pattern.test(start))?.[1];
}
