import { viewOf } from "../base/bytes.ts";
import { crc32 } from "../base/crc32.ts";
import { InklingError } from "../base/error.ts";
import { DEFLATE_RATIO } from "./deflate.ts";
import { escapedName, isUndecoded, nameOf, undecodedName } from "./encodings.ts";
import { damaged, invalid } from "./format.ts";
import type { InflateRaw, RandomAccess } from "./platform.ts";

/** A file in a .zip archive. */
export interface ZipEntry {
  /** Folders and file name, separated by "/"; see {@link nameOf}. */
  readonly name: string;
  readonly type: "file" | "directory" | "other";
  /** Why it cannot be read, e.g. because it is encrypted. */
  readonly unreadable?: string;
  /** 0: stored; 8: deflated. */
  readonly method: number;
  readonly crc: number;
  readonly storedSize: number;
  readonly size: number;
  /** The position of its local header. */
  readonly at: number;
  readonly nameBytes: number;
}

const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
/** The size of a central directory header, without the name. */
const HEADER = 46;
/** The flag of entries whose names are UTF-8. */
const UTF8_NAME = 0x800;
/** The size of the end record with the longest comment. */
const MAX_END = 22 + 65535;
/** The largest central directory supported, in bytes: a few million files. */
const MAX_DIRECTORY = 2 ** 28;

/** Whether bytes are the start of a .zip archive. */
export const isZip = (head: Uint8Array): boolean =>
  head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6));

/**
 * The entries in a .zip archive's central directory, in the order of their data. Overlapping entries, as in zip bombs, are
 * rejected. Throws `INVALID_DATA`.
 */
export async function readZipDirectory(source: RandomAccess, what: string): Promise<ZipEntry[]> {
  const tailAt = Math.max(0, source.size - MAX_END);
  const tail = await source.read(tailAt, source.size - tailAt);
  const view = viewOf(tail);
  let end = tail.length - 22;
  while (end >= 0 && !(view.getUint32(end, true) === END && view.getUint16(end + 20, true) === tail.length - end - 22))
    end--;
  if (end < 0) throw damaged(what, "it ends too early");
  // The number of this part, and of the one with the directory, is 0 unless the archive is split.
  if (view.getUint16(end + 4, true) % 0xffff !== 0 || view.getUint16(end + 6, true) % 0xffff !== 0)
    throw invalid(
      what,
      "it is the last part of a split archive; join the parts first, e.g. with zip -s 0 NAME --out all.zip",
    );
  let count = view.getUint16(end + 10, true);
  let size = view.getUint32(end + 12, true);
  let start = view.getUint32(end + 16, true);
  if (count === 0xffff || size === 0xffffffff || start === 0xffffffff) {
    if (end < 20 || view.getUint32(end - 20, true) !== LOCATOR64) throw damaged(what, "it has no zip64 record");
    const at = Number(view.getBigUint64(end - 12, true));
    if (at + 56 > source.size) throw damaged(what, "its zip64 record is outside the file");
    const record = viewOf(await source.read(at, 56));
    if (record.getUint32(0, true) !== END64) throw damaged(what, "its zip64 record is not one");
    count = Number(record.getBigUint64(32, true));
    size = Number(record.getBigUint64(40, true));
    start = Number(record.getBigUint64(48, true));
  }
  if (size > MAX_DIRECTORY || start + size > source.size || count * HEADER > size)
    throw damaged(what, "its directory is outside the file");
  const entries = parseDirectory(await source.read(start, size), count, what);
  entries.sort((a, b) => a.at - b.at);
  for (const [i, entry] of entries.entries()) {
    const next = entries[i + 1]?.at ?? start;
    if (entry.at + 30 + entry.nameBytes + entry.storedSize > next)
      throw damaged(what, `the data of ${escapedName(entry.name)} overlap those after them`);
  }
  return entries;
}

/**
 * Reads an entry and checks its size and CRC-32. For large compressed entries, `check` is called with the first bytes, and
 * may throw before the rest is decompressed. Throws `INVALID_DATA`.
 */
export async function readZipEntry(
  source: RandomAccess,
  entry: ZipEntry,
  inflateRaw: InflateRaw,
  what: string,
  check?: (start: Uint8Array) => void,
) {
  const name = escapedName(entry.name);
  const header = viewOf(await source.read(entry.at, 30));
  if (header.getUint32(0, true) !== LOCAL) throw damaged(what, `${name} is not where the directory says`);
  const at = entry.at + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  if (at + entry.storedSize > source.size) throw damaged(what, `${name} is outside the file`);
  const stored = await source.read(at, entry.storedSize);
  let bytes = stored;
  if (entry.method === 8) {
    if (entry.size > entry.storedSize * DEFLATE_RATIO) throw damaged(what, `${name} claims ${entry.size} bytes`);
    try {
      bytes = await inflateRaw(stored, entry.size, check);
    } catch (cause) {
      if (cause instanceof InklingError) throw cause;
      throw damaged(what, `${name} cannot be decompressed`, cause);
    }
  }
  if (bytes.length !== entry.size) throw damaged(what, `${name} has ${bytes.length} bytes, not ${entry.size}`);
  if (crc32(bytes) !== entry.crc) throw damaged(what, `the checksum of ${name} is wrong`);
  return bytes;
}

/** Parses a central directory of `count` headers. Throws `INVALID_DATA`. */
function parseDirectory(bytes: Uint8Array, count: number, what: string): ZipEntry[] {
  const view = viewOf(bytes);
  const entries: ZipEntry[] = [];
  /** Names of which nothing says that they are UTF-8, by entry. */
  const unmarked: Uint8Array[] = [];
  for (let at = 0; entries.length < count; ) {
    if (at + HEADER > bytes.length || view.getUint32(at, true) !== CENTRAL)
      throw damaged(what, `its directory has ${entries.length} entries, expected ${count}`);
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const end = at + HEADER + nameBytes! + extraBytes! + commentBytes!;
    if (end > bytes.length) throw damaged(what, "its directory is cut off");
    const nameAt = at + HEADER;
    const extra = new DataView(bytes.buffer, bytes.byteOffset + nameAt + nameBytes!, extraBytes!);
    const name = bytes.subarray(nameAt, nameAt + nameBytes!);
    const marked = unicodePath(name, extra);
    if (!marked && !(view.getUint16(at + 8, true) & UTF8_NAME)) unmarked[entries.length] = name;
    entries.push(entryOf(view, at, withSlashes(nameOf(marked ?? name)), nameBytes!, extra, what));
    at = end;
  }
  // One program wrote all the names: where one is not UTF-8, others only happen to be.
  if (!unmarked.some((_, i) => isUndecoded(entries[i]!.name))) return entries;
  return entries.map((entry, i) => (unmarked[i] ? { ...entry, name: withSlashes(undecodedName(unmarked[i])) } : entry));
}

function entryOf(view: DataView, at: number, name: string, nameBytes: number, extra: DataView, what: string): ZipEntry {
  const method = view.getUint16(at + 10, true);
  const unixType = (view.getUint32(at + 38, true) >>> 28) & 15;
  const isUnix = view.getUint8(at + 5) === 3;
  const type = name.endsWith("/") ? "directory" : isUnix && unixType !== 8 && unixType !== 0 ? "other" : "file";
  const short = [24, 20, 42].map((field) => view.getUint32(at + field, true));
  const [size, storedSize, start] = longSizes(short, extra);
  const unreadable = unreadableBecause(view.getUint16(at + 8, true), method);
  // What is encrypted has 12 bytes more.
  const isStored = method === 0 && unreadable === undefined;
  if (![size, storedSize, start].every(Number.isSafeInteger) || (isStored && size !== storedSize))
    throw damaged(what, `the sizes of ${escapedName(name)} are not possible`);
  return {
    name,
    type,
    ...(unreadable && { unreadable }),
    method,
    crc: view.getUint32(at + 16, true),
    storedSize: storedSize!,
    size: size!,
    at: start!,
    nameBytes,
  };
}

/** Compression methods by their number in the format, apart from 0 (stored) and 8 (Deflate). */
const methods: Readonly<Record<number, string>> = {
  ...{ 1: "Shrink", 6: "Implode", 9: "Deflate64", 12: "bzip2", 14: "LZMA", 20: "Zstandard" },
  ...{ 93: "Zstandard", 95: "XZ", 96: "JPEG", 98: "PPMd" },
};

/** The name in UTF-8 in the field that Info-ZIP adds for it, unless its checksum is that of another name. */
function unicodePath(name: Uint8Array, extra: DataView): Uint8Array | undefined {
  const field = fieldOf(extra, 0x7075);
  if (!field || field.byteLength < 6 || field.getUint8(0) !== 1 || field.getUint32(1, true) !== crc32(name))
    return undefined;
  return new Uint8Array(field.buffer, field.byteOffset + 5, field.byteLength - 5);
}

/**
 * Some programs of Windows write "\\" for "/". In a name that is not UTF-8 it may be the second byte of a character, so it
 * is left there if the name has "/" as well.
 */
const withSlashes = (name: string): string =>
  isUndecoded(name) && name.includes("/") ? name : name.replaceAll("\\", "/");

/** An extra field. */
function fieldOf(extra: DataView, id: number): DataView | undefined {
  for (let at = 0; at + 4 <= extra.byteLength; at += 4 + extra.getUint16(at + 2, true))
    if (extra.getUint16(at, true) === id) {
      const length = Math.min(extra.getUint16(at + 2, true), extra.byteLength - at - 4);
      return new DataView(extra.buffer, extra.byteOffset + at + 4, length);
    }
  return undefined;
}

function unreadableBecause(flags: number, method: number): string | undefined {
  if (flags & 1) return "it is encrypted; save the archive without a password";
  if (method === 0 || method === 8) return undefined;
  return `it is compressed with ${methods[method] ?? `method ${method}`}, which is not supported; make the archive with Deflate, as is usual`;
}

/** Size, stored size and position, each taken from the zip64 field if all its bits are ones. */
function longSizes(short: readonly number[], extra: DataView): number[] {
  const field = fieldOf(extra, 1);
  let at = 0;
  return short.map((value) => {
    if (value !== 0xffffffff) return value;
    if (!field || at + 8 > field.byteLength) return Number.NaN;
    at += 8;
    return Number(field.getBigUint64(at - 8, true));
  });
}
