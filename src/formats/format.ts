import { InklingError, throwIfAborted } from "../base/error.ts";
import type { Dataset, StreamedDataset } from "../datasets/dataset.ts";
import type { Split } from "../datasets/split.ts";
import type { SplitName } from "../datasets/splitSizes.ts";
import type { ImageOptions } from "../image/image.ts";
import type { InputsOf } from "../pictures/preparation.ts";
import type { Pieces, Place, Platform, RandomAccess, Source } from "./platform.ts";

/** The progress of reading. */
export interface OpenProgress {
  /** Files read, images or not. */
  readonly images: number;
  /** Bytes of the source read. */
  readonly bytes: number;
  /** Bytes of the source, if known in advance. */
  readonly totalBytes?: number;
}

/** How to read a data set. */
export interface ReadOptions extends ImageOptions {
  /** Stops reading; the promise then rejects with `ABORTED`. */
  readonly signal?: AbortSignal;
  /** Called every 500 files and at the end. */
  readonly onProgress?: (progress: OpenProgress) => void;
  /** Threads that decode image files, including this one; affects only the time taken. Default: up to 4. */
  readonly threads?: number;
  /** Called with the bytes of each image file as it is read; they are valid only during the call. */
  readonly onImageFile?: (bytes: Uint8Array) => void;
  /**
   * Which part to read of a source that is split. Default: all parts, with `parts` of the data set saying which image is
   * in which. A format may leave out the others, or give all of them and `parts`.
   */
  readonly part?: SplitName;
  /**
   * Which part of the name of an image file in a folder or archive is its class: `{class}`, and likewise `{group}` and
   * `{split}`; `*` is anything but a slash, `**` any folders. It may leave out leading folders. Default: what the folders
   * say. Example: `train/{class}.*.png`.
   */
  readonly classPattern?: string;
  /**
   * Makes the images what a trained model would see of them: of its size and channels, with the values of its training
   * data. Cannot be combined with `resize`, `fit` and `channels`.
   */
  readonly inputsOf?: InputsOf;
  /** Names of classes that the source only numbers. Default: "0", "1", …; for a pickle "A", "B", …. */
  readonly classNames?: readonly string[];
}

/** How to save a data set. */
export interface SaveOptions {
  /** The split, for formats that store it: pickle. Default: that of `splitDataset` with its defaults. */
  readonly split?: Split;
  /** The protocol of a pickle, 2 to 5. Default: 4, for Python 3.4 and later; Python 2 needs 2. */
  readonly protocol?: number;
}

/** The bytes of a file by which its format is recognized. A start that is shorter is the whole file. */
export const HEAD_BYTES = 512;

/** What a format is recognized by. */
export interface Glimpse {
  /** The name of the file or folder. */
  readonly name: string;
  /** The first 512 bytes of a file, which may end within a number or a word; empty for a folder. */
  readonly head: Uint8Array;
  /** The first 512 decompressed bytes, if the file is gzipped; otherwise empty. */
  readonly inner: Uint8Array;
  /** The names in a folder. */
  readonly names?: readonly string[];
}

/** A file's name and contents. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A file to be written. */
export interface OutputFile {
  /** Relative to the folder in which the data set is saved. A name that ends in "/" is an empty folder. */
  readonly name: string;
  readonly contents: Pieces;
}

/** A file of a source. Its name is only used as a label: it is never used to open or write a file. */
export interface Entry {
  /** Folders and file name, separated by "/". Bytes that are not UTF-8 are U+DC00 plus the byte. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Default: the name of the folder that the file is in. */
  readonly className?: string;
  /** The name of the group with which it is kept together in splits. */
  readonly group?: string | undefined;
  /** The part that it is in. Default: what the folders say. */
  readonly part?: SplitName | undefined;
  /** For what is not a file to be read but is mentioned: something hidden, which is ignored, or a folder. */
  readonly aside?: "hidden" | "folder";
  /** Why the contents were not read; `bytes` is then empty. */
  readonly unread?: string | undefined;
  /** Bytes of the source read so far, for progress. */
  readonly read: number;
}

/** Image files, from which a data set is made. */
export interface ImageFiles {
  /** What they are, in a few words. */
  readonly description: string;
  readonly entries: AsyncIterable<Entry>;
  /** Bytes of the source, if known in advance. */
  readonly totalBytes?: number;
  /** Whether names that are not UTF-8 are probably in an encoding of DOS, as .zip archives specify. */
  readonly dosNames?: boolean;
  /** What was chosen to read them, as clauses of the reading; called after the last entry. */
  readonly notes?: () => readonly string[];
}

interface CommonFormat {
  /** Its name for `--format`. */
  readonly id: string;
  /** Its name in messages. */
  readonly name: string;
  /** What a source is called in its reading. Default: the description of the data set. */
  readonly readAs?: string;
  /** File name endings that select this format when a data set is saved; none in a format that is only read. */
  readonly extensions: readonly string[];
  /** The file name for one part of a data set. Default: the part's name plus the first of `extensions`. */
  readonly fileName?: (part: SplitName) => string;
  /** The names of all files and folders that are written when saving under a name. Default: that name alone. */
  readonly written?: (name: string) => readonly string[];
  /** Whether it gives only {@link ReadOptions.part}, without `parts` of the data set. Default: false. */
  readonly parts?: boolean;
  /** Whether it stores a split, see {@link SaveOptions}. Default: false. */
  readonly savesParts?: boolean;
  /** Whether a source is in this format. */
  matches(glimpse: Glimpse): boolean;
  /**
   * What keeps a source that no format matches from being in this one, such as `is a table without a column of labels; …`,
   * for the message after its name. Undefined for one that is not like this format.
   */
  explain?(glimpse: Glimpse): string | undefined;
  /**
   * The files of a data set saved under a name; absent in a format that is only read. Throws `INVALID_DATA` for data that
   * the format cannot represent.
   */
  encode?(dataset: Dataset, name: string, options: SaveOptions, platform: Platform): Iterable<OutputFile>;
}

/** A format of arrays, or of anything else that is read as a whole. */
export interface ArrayFormat extends CommonFormat {
  /** Reads it, with images as stored. Throws `INVALID_DATA` if it is damaged, and `ABORTED` if the signal is aborted. */
  open(place: Place, options: ReadOptions, platform: Platform): Promise<Dataset>;
  /** Opens it without reading its images; undefined if the file or platform does not allow that. Throws as `open` does. */
  stream?(place: Place, options: ReadOptions): Promise<StreamedDataset | undefined>;
}

/** A format of image files. */
export interface ImageFilesFormat extends CommonFormat {
  /** The files, in any order. Iteration throws `INVALID_DATA` if their archive or list is damaged, and `ABORTED`. */
  files(place: Place, options: ReadOptions, platform: Platform): ImageFiles;
}

/**
 * A format of data sets. One that matches only files is given a {@link Source}; one that matches only folders is given a
 * {@link Folder}. To add a format, write a file with such a record and list it in `formats.ts`.
 */
export type Format = ArrayFormat | ImageFilesFormat;

/** A format in which data sets can be saved. */
export type SavedFormat = Format & Required<Pick<Format, "encode">>;

/** Wraps a file so that each read reports progress, and throws `ABORTED` once the signal is aborted. */
export function watched(file: Source, { signal, onProgress }: ReadOptions): RandomAccess {
  return {
    size: file.size,
    read(at, length) {
      throwIfAborted(signal, file.path);
      onProgress?.({ images: 0, bytes: at, totalBytes: file.size });
      return file.read(at, length);
    },
  };
}

/** Returns a format unchanged, type-checked. */
export const defineFormat = <F extends Format>(format: F): F => format;

/** The `INVALID_DATA` error for a file whose contents violate its format; `what` names the file or the format. */
export const damaged = (what: string, problem: string, cause?: unknown): InklingError =>
  new InklingError("INVALID_DATA", `${what}: ${problem}; the file is damaged or truncated: fetch or make it again`, {
    cause,
  });

/** The error of a file that is whole, but has what is not read. */
export const invalid = (what: string, problem: string): InklingError =>
  new InklingError("INVALID_DATA", `${what}: ${problem}`);

/** The error for a source that does not have the requested part. */
export const noPart = (what: string, part: SplitName): InklingError =>
  new InklingError("INVALID_ARGUMENT", `${what} has no ${part} part; omit #${part} to use all of it`);

/** The error for data that would not fit in memory; `advice` says what to do instead. */
export const tooLarge = (what: string, size: number, limit: number, advice: string): InklingError =>
  new InklingError("UNSUPPORTED", `${what} has ${size} bytes when unpacked, above the limit of ${limit}; ${advice}`);

/** Whether bytes are the start of a gzipped file. */
export const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b;
