import type { Dataset } from "../dataset.ts";
import type { ImageOptions } from "../image.ts";

/** How far reading has come. */
export interface OpenProgress {
  /** Files read, images or not. */
  readonly images: number;
  /** Bytes of the source read. */
  readonly bytes: number;
  /** Bytes of the source, where that is known at once. */
  readonly totalBytes?: number;
}

export interface OpenOptions extends ImageOptions {
  /** Stops reading; the promise then rejects with `ABORTED`. */
  readonly signal?: AbortSignal;
  /** Called every 500 files and at the end. */
  readonly onProgress?: (progress: OpenProgress) => void;
}

/** A form in which data sets come. Another one is a file with such a record and a line in `formats.ts`. */
export interface Format {
  /** For messages. */
  readonly name: string;
  /** Whether a source is of this form, by its first 512 bytes (none for a folder). */
  readonly matches: (head: Uint8Array, isFolder: boolean) => boolean;
  /** Reads it. Throws `INVALID_DATA` where it is damaged, `ABORTED` where the signal says so. */
  readonly open: (path: string, options: OpenOptions) => Promise<Dataset>;
}
