import { crc32 } from "../base/crc32.ts";
import { InklingError } from "../base/error.ts";
import type { NamedBytes } from "./format.ts";

const VERSION = 20;
const UTF8_NAMES = 0x800;
/** 1 January 1980, so that the same files give the same archive. */
const DATE = 0x21;
/** The largest size or position without zip64; all ones would refer to the zip64 field. */
const MAX = 0xfffffffe;

/**
 * A .zip archive, in pieces: stored, or compressed if `deflateRaw` is given. 65,535 files or more are written as zip64.
 * Throws `UNSUPPORTED` above 4 GiB.
 */
export function* writeZip(
  entries: Iterable<NamedBytes>,
  deflateRaw?: (bytes: Uint8Array) => Uint8Array,
): Generator<Uint8Array> {
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { name, bytes } of entries) {
    const nameBytes = new TextEncoder().encode(name);
    const stored = deflateRaw ? deflateRaw(bytes) : bytes;
    const shared = new Uint8Array(26);
    const view = new DataView(shared.buffer);
    view.setUint16(0, VERSION, true);
    view.setUint16(2, UTF8_NAMES, true);
    view.setUint16(4, deflateRaw ? 8 : 0, true);
    view.setUint16(8, DATE, true);
    view.setUint32(10, crc32(bytes), true);
    view.setUint32(14, stored.length, true);
    view.setUint32(18, bytes.length, true);
    view.setUint16(22, nameBytes.length, true);
    const length = 30 + nameBytes.length + stored.length;
    if (at + length > MAX || bytes.length > MAX)
      throw new InklingError("UNSUPPORTED", "zip: archives above 4 GiB are not supported; save a .tar.gz or .inkling");
    yield Uint8Array.of(0x50, 0x4b, 3, 4);
    yield shared;
    yield nameBytes;
    yield stored;
    directory.push(directoryHeader(shared, at), nameBytes);
    at += length;
  }
  yield* directory;
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  yield endRecords(directory.length / 2, size, at);
}

function directoryHeader(shared: Uint8Array, at: number): Uint8Array {
  const header = new Uint8Array(46);
  header.set([0x50, 0x4b, 1, 2, VERSION, 0]);
  header.set(shared, 6);
  new DataView(header.buffer).setUint32(42, at, true);
  return header;
}

function endRecords(count: number, size: number, at: number): Uint8Array {
  const isLong = count >= 0xffff;
  const record = new Uint8Array(isLong ? 98 : 22);
  const view = new DataView(record.buffer);
  if (isLong) {
    view.setUint32(0, 0x06064b50, true);
    view.setBigUint64(4, 44n, true);
    view.setUint16(12, 45, true);
    view.setUint16(14, 45, true);
    for (const field of [24, 32]) view.setBigUint64(field, BigInt(count), true);
    view.setBigUint64(40, BigInt(size), true);
    view.setBigUint64(48, BigInt(at), true);
    view.setUint32(56, 0x07064b50, true);
    view.setBigUint64(64, BigInt(at + size), true);
    view.setUint32(72, 1, true);
  }
  const end = isLong ? 76 : 0;
  view.setUint32(end, 0x06054b50, true);
  for (const field of [8, 10]) view.setUint16(end + field, Math.min(count, 0xffff), true);
  view.setUint32(end + 12, size, true);
  view.setUint32(end + 16, at, true);
  return record;
}
