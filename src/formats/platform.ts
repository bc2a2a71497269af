import type { DecodeThreads } from "../image/pool.ts";

/** Bytes with random access. */
export interface RandomAccess {
  readonly size: number;
  /** Reads exactly these bytes, which must be within `size`. Throws `FILE_SYSTEM`. */
  read(at: number, length: number): Promise<Uint8Array> | Uint8Array;
}

/** A file: in the file system, of a page, or in memory. */
export interface Source extends RandomAccess {
  readonly kind: "file";
  /** Its name in messages and provenance: a path, a URL, or a file name. */
  readonly path: string;
  /** The last part of `path`. */
  readonly name: string;
  /** The folder of the file, if accessible, for files that belong to this one. */
  readonly folder?: Folder | undefined;
  /** All bytes, in pieces. Throws `FILE_SYSTEM` and `ABORTED`. */
  pieces(signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** All bytes at once. Throws `FILE_SYSTEM` and `ABORTED`. */
  bytes(signal?: AbortSignal): Promise<Uint8Array>;
  /**
   * Synchronously fills each target with the bytes at its position; absent if the platform can only read asynchronously.
   * Throws `FILE_SYSTEM`, and `INVALID_DATA` if the file has changed since it was
   * opened.
   */
  readonly readSync?: ((parts: readonly SyncRead[]) => void) | undefined;
}

/** A part of a file to read: its position, and the target, which determines its length. */
export interface SyncRead {
  readonly at: number;
  readonly target: Uint8Array;
}

/** A folder of files. Names in it are relative and separated by "/". */
export interface Folder {
  readonly kind: "folder";
  readonly path: string;
  readonly name: string;
  /** The names of its direct entries. Throws `FILE_SYSTEM`. */
  names(): Promise<readonly string[]>;
  /** A file directly in it, or undefined if there is no file of this name. Links are followed. */
  find(name: string): Promise<Source | undefined>;
  /**
   * The names of all files in it and its subfolders. Links are listed, not followed. What is hidden is listed, but not
   * what is in hidden folders. A name that ends in "/" is an empty folder.
   */
  walk(): AsyncIterable<string>;
  /** A file in it or a subfolder, or why it must not be read. Links are not followed, so files are never outside. */
  entry(name: string): Promise<Source | string>;
}

/** Where a data set is. */
export type Place = Source | Folder;

/**
 * Decompresses raw deflate data (RFC 1951) to at most `size` bytes; throws as soon as there are more. For large data,
 * `check` is called with the first bytes, and may throw before the rest is decompressed.
 */
export type InflateRaw = (
  bytes: Uint8Array,
  size: number,
  check?: (start: Uint8Array) => void,
) => Uint8Array | Promise<Uint8Array>;

/** Bytes in pieces, synchronous or asynchronous. */
export type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** What differs between Node and a browser, apart from files and folders. */
export interface Platform {
  /** Decompresses gzip (RFC 1952). Throws the platform's own error for damaged or truncated data. */
  gunzip(pieces: Pieces): AsyncIterable<Uint8Array>;
  /** Decompresses the start of a gzipped file as far as possible; empty if it is damaged. */
  gunzipStart(start: Uint8Array): Uint8Array;
  readonly inflateRaw: InflateRaw;
  /** Compresses to gzip (RFC 1952) without a name or time. */
  gzip(pieces: Pieces): AsyncIterable<Uint8Array>;
  /** Compresses to raw deflate (RFC 1951). */
  deflateRaw(bytes: Uint8Array): Uint8Array;
  /** How image decoding threads are started. */
  readonly decodeThreads: DecodeThreads;
}

/** A file in memory. */
export function memorySource(bytes: Uint8Array, path = "memory", folder?: Folder): Source {
  const read = (at: number, length: number) => bytes.subarray(at, at + length);
  return {
    kind: "file",
    path,
    name: path.slice(path.lastIndexOf("/") + 1),
    folder,
    size: bytes.length,
    read,
    async *pieces() {
      yield bytes;
    },
    bytes: async () => bytes,
    readSync(parts) {
      for (const { at, target } of parts) target.set(read(at, target.length));
    },
  };
}

/** The most bytes that are decompressed into memory, so that a small file cannot fill it. */
export const MAX_UNPACKED = 2 ** 31;

/**
 * Joins pieces of at most `size` bytes in total; allocates no more than that, and throws a `RangeError` as soon as there
 * are more. `check` is called with the first piece.
 */
export async function joinBounded(
  pieces: Pieces,
  size: number,
  check?: (start: Uint8Array) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const joined = new Uint8Array(size);
  let filled = 0;
  for await (const piece of pieces) {
    if (filled === 0) check?.(piece);
    if (filled + piece.length > size) throw new RangeError(`it holds more than the ${size} bytes that it claims`);
    joined.set(piece, filled);
    filled += piece.length;
  }
  return joined.subarray(0, filled);
}
