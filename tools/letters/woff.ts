import { inflateSync } from "node:zlib";

const HEADER = 44;
const ENTRY = 20;

/**
 * Unpacks a WOFF 1.0 file into the font (SFNT) that it wraps: a directory of tables, each stored or deflated.
 * opentype.js's own unpacking fails on some files. Throws if the file is not WOFF, or is damaged.
 */
export function woffToSfnt(woff: Uint8Array): Uint8Array<ArrayBuffer> {
  const input = new DataView(woff.buffer, woff.byteOffset, woff.byteLength);
  if (woff.length < HEADER || input.getUint32(0) !== 0x774f4646) throw new Error("this is not a WOFF file");
  const count = input.getUint16(12);
  const tables = Array.from({ length: count }, (_, i) => {
    const at = HEADER + ENTRY * i;
    const [tag, offset, stored, size, checksum] = [0, 4, 8, 12, 16].map((field) => input.getUint32(at + field));
    const bytes = woff.subarray(offset!, offset! + stored!);
    const table = stored! < size! ? inflateSync(bytes, { maxOutputLength: size! }) : bytes;
    if (bytes.length !== stored || table.length !== size) throw new Error(`table ${i} of the WOFF file is damaged`);
    return { tag: tag!, checksum: checksum!, table };
  });
  const directory = 12 + 16 * count;
  const aligned = (length: number) => Math.ceil(length / 4) * 4;
  const sfnt = new Uint8Array(tables.reduce((end, { table }) => end + aligned(table.length), directory));
  const output = new DataView(sfnt.buffer);
  const power = 2 ** (31 - Math.clz32(count)); // the largest power of two up to the count, for binary search
  output.setUint32(0, input.getUint32(4));
  output.setUint16(4, count);
  output.setUint16(6, power * 16);
  output.setUint16(8, 31 - Math.clz32(count));
  output.setUint16(10, (count - power) * 16);
  let at = directory;
  for (const [i, { tag, checksum, table }] of tables.entries()) {
    for (const [field, value] of [tag, checksum, at, table.length].entries())
      output.setUint32(12 + 16 * i + 4 * field, value);
    sfnt.set(table, at);
    at += aligned(table.length);
  }
  return sfnt;
}
