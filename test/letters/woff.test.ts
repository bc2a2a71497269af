import { deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { woffToSfnt } from "../../tools/letters/woff.ts";

const tables = [
  { tag: "cmap", bytes: Buffer.from("a table that is worth compressing ".repeat(20)), packed: true },
  { tag: "glyf", bytes: Buffer.from([1, 2, 3, 4, 5]), packed: false },
  { tag: "head", bytes: Buffer.alloc(54, 7), packed: true },
];

/** A WOFF file of these tables, as the format's specification lays it out. */
function woff(): Buffer {
  const header = Buffer.alloc(44);
  header.writeUInt32BE(0x774f4646, 0);
  header.writeUInt32BE(0x00010000, 4);
  header.writeUInt16BE(tables.length, 12);
  const entries: Buffer[] = [];
  const stored: Buffer[] = [];
  let at = 44 + 20 * tables.length;
  for (const [i, { tag, bytes, packed }] of tables.entries()) {
    const data = packed ? deflateSync(bytes) : bytes;
    const entry = Buffer.alloc(20);
    entry.write(tag, 0, "latin1");
    for (const [k, value] of [at, data.length, bytes.length, 0xc0ffee + i].entries())
      entry.writeUInt32BE(value, 4 + 4 * k);
    entries.push(entry);
    const padded = Buffer.alloc(Math.ceil(data.length / 4) * 4);
    data.copy(padded);
    stored.push(padded);
    at += padded.length;
  }
  return Buffer.concat([header, ...entries, ...stored]);
}

describe("woffToSfnt", () => {
  it("gives back every table, stored or deflated, aligned to four bytes", () => {
    const sfnt = Buffer.from(woffToSfnt(woff()));
    expect(sfnt.readUInt32BE(0)).toBe(0x00010000);
    // Number of tables, and the constants for binary search among three.
    expect([4, 6, 8, 10].map((at) => sfnt.readUInt16BE(at))).toEqual([3, 32, 1, 16]);
    for (const [i, { tag, bytes }] of tables.entries()) {
      const entry = 12 + 16 * i;
      expect(sfnt.toString("latin1", entry, entry + 4)).toBe(tag);
      expect(sfnt.readUInt32BE(entry + 4)).toBe(0xc0ffee + i);
      const [offset, length] = [sfnt.readUInt32BE(entry + 8), sfnt.readUInt32BE(entry + 12)];
      expect(offset % 4).toBe(0);
      expect(sfnt.subarray(offset, offset + length)).toEqual(bytes);
    }
  });

  it("refuses what is not WOFF, or truncated, or longer than it claims", () => {
    expect(() => woffToSfnt(Buffer.from("wOF2 and so on, more than forty-four bytes of it"))).toThrow("not a WOFF");
    expect(() => woffToSfnt(Buffer.alloc(3))).toThrow("not a WOFF");
    expect(() => woffToSfnt(woff().subarray(0, -20))).toThrow();
    const claims = woff();
    claims.writeUInt32BE(claims.readUInt32BE(44 + 12) - 100, 44 + 12);
    expect(() => woffToSfnt(claims)).toThrow();
  });
});
