import { damaged } from "./damaged.ts";

/** A file in a .zip archive. */
export interface ZipEntry {
  /** Folders and file, joined by "/". */
  readonly name: string;
  readonly type: "file" | "directory" | "other";
  /** Why it cannot be read, e.g. because it is encrypted. */
  readonly unreadable?: string;
  /** 0: stored; 8: deflated. */
  readonly method: number;
  readonly crc: number;
  readonly storedSize: number;
  readonly size: number;
  /** Where its header stands. */
  readonly at: number;
  readonly nameBytes: number;
}

const HEADER = 46;
const utf8 = new TextDecoder();

/** The entries of a central directory of `count` headers. Throws `INVALID_DATA`. */
export function parseDirectory(bytes: Uint8Array, count: number, what: string): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: ZipEntry[] = [];
  for (let at = 0; entries.length < count; ) {
    if (at + HEADER > bytes.length || view.getUint32(at, true) !== 0x02014b50)
      throw damaged(what, `its directory has ${entries.length} entries, expected ${count}`);
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const end = at + HEADER + nameBytes! + extraBytes! + commentBytes!;
    if (end > bytes.length) throw damaged(what, "its directory is cut off");
    const nameAt = at + HEADER;
    const name = utf8.decode(bytes.subarray(nameAt, nameAt + nameBytes!)).replaceAll("\\", "/");
    const extra = new DataView(bytes.buffer, bytes.byteOffset + nameAt + nameBytes!, extraBytes!);
    entries.push(entryOf(view, at, name, nameBytes!, extra, what));
    at = end;
  }
  return entries;
}

function entryOf(view: DataView, at: number, name: string, nameBytes: number, extra: DataView, what: string): ZipEntry {
  const method = view.getUint16(at + 10, true);
  const unixType = (view.getUint32(at + 38, true) >>> 28) & 15;
  const isUnix = view.getUint8(at + 5) === 3;
  const type = name.endsWith("/") ? "directory" : isUnix && unixType !== 8 && unixType !== 0 ? "other" : "file";
  const short = [24, 20, 42].map((field) => view.getUint32(at + field, true));
  const [size, storedSize, start] = longSizes(short, extra);
  if (![size, storedSize, start].every(Number.isSafeInteger) || (method === 0 && size !== storedSize))
    throw damaged(what, `the sizes of ${name} are none`);
  const unreadable = unreadableBecause(view.getUint16(at + 8, true), method);
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

function unreadableBecause(flags: number, method: number): string | undefined {
  if (flags & 1) return "it is encrypted";
  return method === 0 || method === 8 ? undefined : `it is compressed by method ${method}, which is not read`;
}

/** Size, stored size and place, with those that are all ones replaced from the zip64 field. */
function longSizes(short: readonly number[], extra: DataView): number[] {
  let at = 0;
  while (at + 4 <= extra.byteLength && extra.getUint16(at, true) !== 1) at += 4 + extra.getUint16(at + 2, true);
  at += 4;
  return short.map((value) => {
    if (value !== 0xffffffff) return value;
    if (at + 8 > extra.byteLength) return Number.NaN;
    at += 8;
    return Number(extra.getBigUint64(at - 8, true));
  });
}
