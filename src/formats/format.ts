import { InklingError, throwIfAborted } from "../base/error.ts";
import type { Dataset, StreamedDataset } from "../datasets/dataset.ts";
import type { Split } from "../datasets/split.ts";
import type { SplitName } from "../datasets/splitSizes.ts";
import type { ImageOptions } from "../image/image.ts";
import type { Pieces, Place, Platform, RandomAccess, Source } from "./platform.ts";

/** How far reading has got. */
export interface OpenProgress {
  /** Files read, images or not. */
  readonly images: number;
  /** Bytes of the source read. */
  readonly bytes: number;
  /** Bytes of the source, where that is known at once. */
  readonly totalBytes?: number;
}

/** How to read a data set. */
export interface ReadOptions extends ImageOptions {
  /** Stops reading; the promise then rejects with `ABORTED`. */
  readonly signal?: AbortSignal;
  /** Called every 500 files and at the end. */
  readonly onProgress?: (progress: OpenProgress) => void;
  /** Threads that decode image files, this one among them, which changes nothing but the time. Default: up to 4. */
  readonly threads?: number;
  /** Called with the bytes of each file that is an image, as it is read; they are valid during the call only. */
  readonly onImageFile?: (bytes: Uint8Array) => void;
  /** Of a source that comes divided (MNIST, the course's pickle), this part only. Default: all parts, one after another. */
  readonly part?: SplitName;
  /** Names for classes that the source only numbers. Default: "0", "1", …; for a pickle "A", "B", …. */
  readonly classNames?: readonly string[];
}

/** How to save a data set. */
export interface SaveOptions {
  /** How a data set is divided, for the formats that store that: a pickle. Default: by the defaults of `splitDataset`. */
  readonly split?: Split;
  /** Of a pickle, 2 to 5. Default: 4, which Python 3.4 and later read; Python 2 needs 2. */
  readonly protocol?: number;
}

/** What a format is recognised by. */
export interface Glimpse {
  /** The name of the file or folder. */
  readonly name: string;
  /** The first 512 bytes of a file; none of a folder. */
  readonly head: Uint8Array;
  /** Where the file is gzipped, the first 512 bytes within. */
  readonly inner: Uint8Array;
  /** Of a folder, the names in it. */
  readonly names?: readonly string[];
}

/** A file with its contents. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A file to be written. */
export interface OutputFile {
  /** Relative to the folder that the data set is saved in. One that ends in "/" is an empty folder. */
  readonly name: string;
  readonly contents: Pieces;
}

/** A file of a source. Its name is only ever a name: nothing is opened or written by it. */
export interface Entry {
  /** Folders and file, joined by "/". */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Default: the name of the folder that the file is in. */
  readonly className?: string;
  /** What it never parts from when the data are split, by a name. */
  readonly group?: string | undefined;
  /** Why the contents were not read; `bytes` are then none. */
  readonly unread?: string | undefined;
  /** Bytes of the source read so far, for progress. */
  readonly read: number;
}

/** Image files, from which a data set is made. */
export interface ImageFiles {
  /** What they are, in a sentence. */
  readonly description: string;
  readonly entries: AsyncIterable<Entry>;
  /** Bytes of the source, where that is known at once. */
  readonly totalBytes?: number;
}

interface CommonFormat {
  /** What `--format` calls it. */
  readonly id: string;
  /** For messages. */
  readonly name: string;
  /** Ends of file names under which a data set is saved in it. */
  readonly extensions: readonly string[];
  /** The name of a file in this form that holds a part of a data set. Default: the part with the first of `extensions`. */
  readonly fileName?: (part: SplitName) => string;
  /** The names of all files and folders that saving under a name writes. Default: that name alone. */
  readonly written?: (name: string) => readonly string[];
  /** Whether sources of this form may come divided, see {@link ReadOptions.part}. Default: false. */
  readonly parts?: boolean;
  /** Whether it is saved divided, see {@link SaveOptions}. Default: false. */
  readonly savesParts?: boolean;
  /** Whether a source is of this form. */
  matches(glimpse: Glimpse): boolean;
  /** The files that hold a data set saved under a name. Throws `INVALID_DATA` for what the format cannot hold. */
  encode(dataset: Dataset, name: string, options: SaveOptions, platform: Platform): Iterable<OutputFile>;
}

/** A format of arrays, or of anything else that is read as a whole. */
export interface ArrayFormat extends CommonFormat {
  /** Reads it, images as they are stored. Throws `INVALID_DATA` where it is damaged, `ABORTED` where the signal says so. */
  open(place: Place, options: ReadOptions, platform: Platform): Promise<Dataset>;
  /** Opens it without reading its images, where file and platform allow that. Throws as `open` does. */
  stream?(place: Place, options: ReadOptions): Promise<StreamedDataset | undefined>;
}

/** A format of image files. */
export interface ImageFilesFormat extends CommonFormat {
  /** The files, in any order. Throws `INVALID_DATA` where what holds them is damaged, `ABORTED`. */
  files(place: Place, options: ReadOptions, platform: Platform): ImageFiles;
}

/**
 * A form in which data sets come. One that matches files only is given a {@link Source}, one that matches folders only a
 * {@link Folder}. Another one is a file with such a record and a line in `formats.ts`.
 */
export type Format = ArrayFormat | ImageFilesFormat;

/** A file that is read here and there, until reading is stopped; reports how far it is. */
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

/** A format's record as it is, checked by TypeScript. */
export const defineFormat = <F extends Format>(format: F): F => format;

/** The error of a file whose contents contradict its format; `what` names the file or the format. */
export const damaged = (what: string, problem: string, cause?: unknown): InklingError =>
  new InklingError("INVALID_DATA", `${what}: ${problem}; the file is damaged or truncated: fetch or make it again`, {
    cause,
  });

/** The error of a file that is whole, but has what is not read. */
export const invalid = (what: string, problem: string): InklingError =>
  new InklingError("INVALID_DATA", `${what}: ${problem}`);

/** The error of a source that lacks the part that was asked for. */
export const noPart = (what: string, part: SplitName): InklingError =>
  new InklingError("INVALID_ARGUMENT", `${what} has no ${part} part; omit #${part} to use all of it`);

/** The error of what would not fit in memory; `advice` says what to do instead. */
export const tooLarge = (what: string, size: number, limit: number, advice: string): InklingError =>
  new InklingError("UNSUPPORTED", `${what} has ${size} bytes when unpacked, above the limit of ${limit}; ${advice}`);

/** Whether bytes begin as a gzipped file does. */
export const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b;
