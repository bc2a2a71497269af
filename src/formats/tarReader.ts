import { concatBytes } from "../base/bytes.ts";
import { InklingError } from "../base/error.ts";
import { nameOf } from "./encodings.ts";

/** An entry of a tar archive. Anything but a regular file, or a file that is too large, has no bytes. */
export interface TarEntry {
  /** See {@link nameOf}. */
  readonly name: string;
  readonly type: "file" | "directory" | "other";
  /** The size in the archive, even if `bytes` is empty. */
  readonly size: number;
  readonly bytes: Uint8Array;
  /** Why a file cannot be read, e.g. because it is sparse; absent if it can. */
  readonly unreadable?: string;
}

const BLOCK = 512;
const none: ReadonlyMap<string, Uint8Array> = new Map();
/** Longer names and larger POSIX extended headers are rejected. */
const MAX_EXTENSION_BYTES = 2 ** 20;

/**
 * Reads a tar archive (ustar, POSIX pax, GNU) in pieces: `push` takes the next bytes and returns the entries that are now
 * complete. An entry within one piece is a view of it, not a copy. Throws `INVALID_DATA`.
 */
export class TarReader {
  readonly #maxFileBytes: number;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  /** Bytes needed before anything more can be read. */
  #needed = BLOCK;
  /** Bytes still to skip of an entry that is too large, and of padding. */
  #skip = 0;
  #after: TarEntry | undefined;
  #ended = false;
  #longName: Uint8Array | undefined;
  #pax = none;

  /** The contents of entries above `maxFileBytes` are skipped. */
  constructor(maxFileBytes: number) {
    this.#maxFileBytes = maxFileBytes;
  }

  /** Bytes kept for the next piece: at most those of one incomplete entry. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  push(piece: Uint8Array): TarEntry[] {
    if (this.#ended) return [];
    this.#held.push(piece);
    this.#heldBytes += piece.length;
    if (this.#skip === 0 && this.#heldBytes < this.#needed) return [];
    const bytes = this.#held.length === 1 ? piece : concatBytes(this.#held);
    const entries: TarEntry[] = [];
    const left = bytes.slice(this.#read(bytes, entries));
    this.#held = left.length === 0 ? [] : [left];
    this.#heldBytes = left.length;
    return entries;
  }

  /** Reads all complete entries, and returns the position of the rest. */
  #read(bytes: Uint8Array, entries: TarEntry[]): number {
    for (let at = 0; ; ) {
      const passed = Math.min(this.#skip, bytes.length - at);
      at += passed;
      this.#skip -= passed;
      if (this.#skip > 0) return at;
      if (this.#after) entries.push(this.#after);
      this.#after = undefined;
      this.#needed = BLOCK;
      const used = bytes.length - at < BLOCK ? 0 : this.#entry(bytes, at, entries);
      if (used === 0 || this.#ended) return at;
      at += used;
    }
  }

  /** Call this after the last piece. Throws `INVALID_DATA` if the end of the archive is missing. */
  end(): void {
    if (!this.#ended) throw damagedTar("it ends before its end mark");
  }

  /** Reads the entry at `at`. Returns the number of bytes consumed: 0 if the entry is not complete yet. */
  #entry(bytes: Uint8Array, at: number, entries: TarEntry[]): number {
    const header = bytes.subarray(at, at + BLOCK);
    if (header[0] === 0 && header.every((byte) => byte === 0)) {
      this.#ended = true;
      return BLOCK;
    }
    if (!sumIsRight(header)) throw damagedTar("the checksum of a header is wrong");
    const type = String.fromCharCode(header[156]!);
    const extension = "LKxg".includes(type);
    const size = (!extension && this.#paxSize()) || headerNumber(header, 124, 12);
    if (extension && size > MAX_EXTENSION_BYTES) throw damagedTar(`a name of ${size} bytes`);
    const padded = Math.ceil(size / BLOCK) * BLOCK;
    if (!extension && size > this.#maxFileBytes) {
      this.#after = this.#named(header, type, size, new Uint8Array());
      this.#skip = padded;
      return BLOCK;
    }
    if (bytes.length - at < BLOCK + padded) {
      this.#needed = BLOCK + padded;
      return 0;
    }
    const contents = bytes.subarray(at + BLOCK, at + BLOCK + size);
    if (extension) this.#extend(type, contents);
    else entries.push(this.#named(header, type, size, contents));
    return BLOCK + padded;
  }

  #paxSize(): number | undefined {
    const record = this.#pax.get("size");
    if (record === undefined) return undefined;
    const size = new TextDecoder().decode(record);
    if (!/^\d{1,15}$/.test(size)) throw damagedTar(`an entry of ${size.slice(0, 20)} bytes`);
    return Number(size);
  }

  #extend(type: string, contents: Uint8Array): void {
    if (type === "L") this.#longName = field(contents, 0, contents.length);
    if (type === "x") this.#pax = parsePax(contents);
  }

  #named(header: Uint8Array, kind: string, size: number, contents: Uint8Array): TarEntry {
    const unreadable = unreadableBecause(kind, this.#pax);
    const name = nameOf(
      this.#pax.get("GNU.sparse.name") ?? this.#pax.get("path") ?? this.#longName ?? shortName(header),
    );
    this.#pax = none;
    this.#longName = undefined;
    const isFile = kind === "0" || kind === "\0" || kind === "7";
    const type = kind === "5" || (isFile && name.endsWith("/")) ? "directory" : isFile ? "file" : "other";
    const bytes = type === "file" && !unreadable ? contents : new Uint8Array();
    return { name, type, size, bytes, ...(unreadable && { unreadable }) };
  }
}

/** Why a file cannot be read; undefined if it can. Sparse files have a type of their own, or fields that say so. */
function unreadableBecause(kind: string, pax: ReadonlyMap<string, Uint8Array>): string | undefined {
  if (kind === "S" || [...pax.keys()].some((key) => key.startsWith("GNU.sparse.")))
    return "it is stored as a sparse file, which is not supported; make the archive without --sparse";
  return kind === "M" ? "it continues a file of another volume of the archive; join the volumes first" : undefined;
}

/** The error for a damaged archive; the caller adds its name and what to do. */
const damagedTar = (problem: string): InklingError => new InklingError("INVALID_DATA", problem);

/** The bytes in a field: up to its first zero byte. */
function field(bytes: Uint8Array, at: number, length: number): Uint8Array {
  const end = bytes.subarray(at, at + length).indexOf(0);
  return bytes.slice(at, at + (end < 0 ? length : end));
}

/** The name in the header itself. In POSIX archives a second field holds the leading folders. */
function shortName(header: Uint8Array): Uint8Array {
  const name = field(header, 0, 100);
  // POSIX has a zero byte after "ustar"; GNU has a space, and uses the field for something else.
  if (header[345] === 0 || header[257] !== 0x75 || header[262] !== 0) return name;
  return concatBytes([field(header, 345, 155), Uint8Array.of(47), name]);
}

/** A number in a header: octal digits, or base 256 if the top bit of the first byte is set. */
function headerNumber(header: Uint8Array, at: number, length: number): number {
  let value = 0;
  if (header[at]! & 0x80) {
    value = header[at]! & 0x7f;
    for (let i = at + 1; i < at + length; i++) value = value * 256 + header[i]!;
  } else
    for (let i = at; i < at + length; i++) {
      const byte = header[i]!;
      if (byte === 0 || byte === 32) {
        if (value > 0) break;
        continue;
      }
      if (byte < 48 || byte > 55) throw damagedTar("a number of a header is not octal");
      value = value * 8 + byte - 48;
    }
  if (!Number.isSafeInteger(value)) throw damagedTar(`an entry of ${value} bytes`);
  return value;
}

/** Whether the header's bytes, with its checksum taken as eight spaces, add up to that checksum. */
function sumIsRight(header: Uint8Array): boolean {
  let sum = 256;
  for (let i = 0; i < 148; i++) sum += header[i]!;
  for (let i = 156; i < 512; i++) sum += header[i]!;
  return sum === headerNumber(header, 148, 8);
}

/** Whether bytes are the start of a pre-POSIX archive, which is recognized only by the checksum of its first header. */
export function isOldTar(head: Uint8Array): boolean {
  try {
    return head.length >= 512 && sumIsRight(head);
  } catch {
    return false;
  }
}

/** The records `LENGTH KEY=VALUE\n` of a POSIX extended header. */
function parsePax(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const records = new Map<string, Uint8Array>();
  for (let at = 0; at < bytes.length && bytes[at] !== 0; ) {
    const space = bytes.indexOf(32, at);
    const digits = space < 0 || space - at > 8 ? "" : String.fromCharCode(...bytes.subarray(at, space));
    const length = /^\d+$/.test(digits) ? Number(digits) : 0;
    if (length <= digits.length + 1 || at + length > bytes.length) throw damagedTar("an extended header is cut off");
    const record = field(bytes, space + 1, at + length - 1 - (space + 1));
    const equals = record.indexOf(61);
    if (equals < 1) throw damagedTar("an extended header has no name");
    records.set(new TextDecoder().decode(record.subarray(0, equals)), record.subarray(equals + 1));
    at += length;
  }
  return records;
}
