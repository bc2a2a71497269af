import type { DecodeThreads } from "../image/pool.ts";

/** Bytes that are read here and there. */
export interface RandomAccess {
  readonly size: number;
  /** Exactly these bytes, all within `size`. Throws `FILE_SYSTEM`. */
  read(at: number, length: number): Promise<Uint8Array> | Uint8Array;
}

/** A file: of the file system, of a page, or in memory. */
export interface Source extends RandomAccess {
  readonly kind: "file";
  /** How messages and provenance name it: a path, an address, or the file's name. */
  readonly path: string;
  /** The last part of `path`. */
  readonly name: string;
  /** The folder that the file is in, where it can be read: for files that belong to this one. */
  readonly folder?: Folder | undefined;
  /** All bytes, piece by piece. Throws `FILE_SYSTEM` and `ABORTED`. */
  pieces(signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** All bytes at once. Throws `FILE_SYSTEM` and `ABORTED`. */
  bytes(signal?: AbortSignal): Promise<Uint8Array>;
  /**
   * Fills each target with the bytes from its place, at once; missing where the platform can only read
   * asynchronously. Works for as long as the program runs. Throws `FILE_SYSTEM`, and `INVALID_DATA` where the file has
   * changed since it was opened.
   */
  readonly readSync?: ((parts: readonly SyncRead[]) => void) | undefined;
}

/** A part of a file to be read, and where to. */
export interface SyncRead {
  readonly at: number;
  readonly target: Uint8Array;
}

/** A folder of files. Names in it are relative, joined by "/". */
export interface Folder {
  readonly kind: "folder";
  readonly path: string;
  readonly name: string;
  /** The names of what is directly in it. Throws `FILE_SYSTEM`. */
  names(): Promise<readonly string[]>;
  /** A file directly in it, or undefined where there is none of this name. Links are followed. */
  find(name: string): Promise<Source | undefined>;
  /** The names of all files in it and below that are not hidden. Links are named, not followed. */
  walk(): AsyncIterable<string>;
  /** A file in it or below, or why it must not be read: links are not followed, and none leads outside. */
  entry(name: string): Promise<Source | string>;
}

/** Where a data set is. */
export type Place = Source | Folder;

/**
 * Undoes raw deflate (RFC 1951): gives exactly `size` bytes, stops as soon as there are more, throws otherwise. Of what
 * is large, `check` is called with the first bytes, and may throw before the rest is inflated.
 */
export type InflateRaw = (
  bytes: Uint8Array,
  size: number,
  check?: (start: Uint8Array) => void,
) => Uint8Array | Promise<Uint8Array>;

/** Pieces of bytes, ready or still to come. */
export type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** What differs between Node and a browser, beside files and folders. */
export interface Platform {
  /** Undoes gzip (RFC 1952). Throws what the platform throws for damaged or truncated data. */
  gunzip(pieces: Pieces): AsyncIterable<Uint8Array>;
  /** What the first bytes of a gzipped file unpack to, as far as they go; nothing where they are damaged. */
  gunzipStart(start: Uint8Array): Uint8Array;
  readonly inflateRaw: InflateRaw;
  /** Compresses to gzip (RFC 1952) without a name or time. */
  gzip(pieces: Pieces): AsyncIterable<Uint8Array>;
  /** Compresses to raw deflate (RFC 1951). */
  deflateRaw(bytes: Uint8Array): Uint8Array;
  /** How threads that decode images are started. */
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

/** The most that is unpacked into memory, so that a small file cannot fill it. */
export const MAX_UNPACKED = 2 ** 31;

/**
 * Joins pieces that hold at most `size` bytes: takes memory for no more, and stops as soon as there is more. `check` is called
 * with the first piece. Throws `RangeError` where there is more.
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
