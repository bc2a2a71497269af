/** A file of a source. Its name is only ever a name: nothing is opened or written by it. */
export interface Entry {
  /** Folders and file, joined by "/". */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Default: the name of the folder that the file stands in. */
  readonly className?: string;
  /** What it never parts from when the data are split, by a name. */
  readonly group?: string | undefined;
  /** Why the contents were not read; `bytes` are then none. */
  readonly unread?: string;
  /** Bytes of the source read so far, for progress. */
  readonly read: number;
}

/** Files above this size are no images that anyone trains on as they are, and are skipped: 32 MiB. */
export const MAX_FILE_BYTES = 32 * 2 ** 20;

export const TOO_LARGE = `the file is larger than ${MAX_FILE_BYTES} bytes`;
export const NO_FILE = "a link or a device, which is not followed";

/** Whether a name, or a folder on its way, is hidden: `.DS_Store`, or the `._` files that macOS puts into archives. A way up is not hidden, also as Windows writes it. */
export const isHidden = (name: string): boolean => name.split("/").some((part) => /^\.(?!\.($|\\)).+/.test(part));
