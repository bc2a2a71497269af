import type { Dataset, StreamedDataset } from "../../datasets/dataset.ts";
import type { Split } from "../../datasets/split.ts";
import type { SplitName } from "../../datasets/splitSizes.ts";
import type { ImageOptions } from "../../image/image.ts";

/** How far reading has come. */
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
  /** Called with the bytes of each file that is an image, as it is read; they are good during the call only. */
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
  readonly path: string;
  /** The first 512 bytes of a file; none of a folder. */
  readonly head: Uint8Array;
  /** Where the file is gzipped, the first 512 bytes within. */
  readonly inner: Uint8Array;
  /** Of a folder, the names in it. */
  readonly names?: readonly string[];
}

/** A form in which data sets come. Another one is a file with such a record and a line in `formats.ts`. */
export interface Format {
  /** What `--format` calls it. */
  readonly id: string;
  /** For messages. */
  readonly name: string;
  /** Ends of file names that ask for it when a data set is saved. */
  readonly extensions: readonly string[];
  /** The name of a file in this form that holds a part of a data set. Default: the part with the first of `extensions`. */
  readonly fileName?: (part: SplitName) => string;
  /** All files and folders that saving to a path writes. Default: that path alone. */
  readonly written?: (path: string) => readonly string[];
  /** Whether sources of this form may come divided, see {@link ReadOptions.part}. Default: false. */
  readonly parts?: boolean;
  /** Whether it is saved divided, see {@link SaveOptions}. Default: false. */
  readonly savesParts?: boolean;
  /** Whether a source is of this form. */
  readonly matches: (glimpse: Glimpse) => boolean;
  /** Reads it. Throws `INVALID_DATA` where it is damaged, `ABORTED` where the signal says so. */
  readonly open: (path: string, options: ReadOptions) => Promise<Dataset>;
  /** Opens it without reading its images, where it allows that. Throws as `open` does. */
  readonly stream?: (path: string, options: ReadOptions) => Promise<StreamedDataset | undefined>;
  /** Writes it. Throws `FILE_SYSTEM`, and `INVALID_DATA` for what the format cannot hold. */
  readonly save: (dataset: Dataset, path: string, options: SaveOptions) => Promise<void>;
}
