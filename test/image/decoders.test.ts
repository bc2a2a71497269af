import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InklingError } from "../../src/base/error.ts";
import { Decoder } from "../../src/image/decoder.ts";
import type { CheckedPicture } from "../../src/image/picture.ts";
import { oriented } from "../pictures/pictures/scene.ts";
import { chunk, grayPng, kinds } from "../sources/files.ts";
import { decodePicture } from "./decoded.ts";
import { pictureFiles } from "./files.ts";
import { decodeNatively } from "./native.ts";

fc.configureGlobal({ seed: 5 });

const small = pictureFiles.filter(([, bytes]) => bytes.length < 6000);

/** The native decoder does not tell what is wrong with a JPEG. */
const leniently = (bytes: Uint8Array) => decodePicture(bytes, { keepDamaged: true });

/** What a decoder makes of a file, where it may be none. */
function outcome(decode: (bytes: Uint8Array) => CheckedPicture, bytes: Uint8Array) {
  try {
    const { width, height, channels, data } = decode(bytes);
    return { shape: [height, width, channels], data: Buffer.from(data).toString("base64") };
  } catch {
    return "refused";
  }
}

const samples = { gray: 1, rgb: 3, palette: 1, grayAlpha: 2, rgba: 4 } as const;
const depths = { gray: [1, 2, 4, 8, 16], rgb: [8, 16], palette: [1, 2, 4, 8], grayAlpha: [8, 16], rgba: [8, 16] };
/** First column, first row, and steps of both, of the passes of Adam7. */
const passes = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** A PNG of any kind: whatever bytes its rows have, filtered in whatever way, they are some picture. */
const pngs = fc
  .record({
    kind: fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[])),
    deep: fc.nat(4),
    width: fc.integer({ min: 1, max: 19 }),
    height: fc.integer({ min: 1, max: 19 }),
    interlaced: fc.boolean(),
    transparent: fc.boolean(),
    noise: fc.uint8Array({ minLength: 64, maxLength: 256 }),
    colors: fc.integer({ min: 1, max: 256 }),
  })
  .map(({ kind, deep, width, height, interlaced, transparent, noise, colors }) => {
    const depth = depths[kind][deep % depths[kind].length]!;
    const header = Buffer.alloc(13);
    header.writeUInt32BE(width, 0);
    header.writeUInt32BE(height, 4);
    header.set([depth, kinds[kind], 0, 0, interlaced ? 1 : 0], 8);
    const rows: Buffer[] = [];
    let at = 0;
    for (const [x, y, across, down] of interlaced ? passes : [[0, 0, 1, 1] as const]) {
      const [columns, count] = [Math.ceil((width - x) / across), Math.ceil((height - y) / down)];
      for (let row = 0; row < count && columns > 0; row++) {
        const bytes = Math.ceil((columns * samples[kind] * depth) / 8);
        const line = Array.from({ length: bytes }, () => noise[at++ % noise.length]!);
        rows.push(Buffer.from([noise[at % noise.length]! % 5, ...line]));
      }
    }
    const size = Math.min(colors, 2 ** depth);
    const palette = chunk(
      "PLTE",
      Array.from({ length: 3 * size }, (_, i) => noise[(7 * i) % noise.length]!),
    );
    const opacities =
      kind === "palette"
        ? Array.from({ length: Math.ceil(size / 2) }, (_, i) => noise[(11 * i) % noise.length]!)
        : Array.from({ length: 2 * samples[kind] }, (_, i) => (i % 2 ? noise[i]! & (2 ** Math.min(8, depth) - 1) : 0));
    return Buffer.concat([
      Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
      chunk("IHDR", header),
      ...(kind === "palette" ? [palette] : []),
      ...(transparent && !kind.endsWith("pha") && kind !== "rgba" ? [chunk("tRNS", opacities)] : []),
      chunk("IDAT", deflateSync(Buffer.concat(rows))),
      chunk("IEND", []),
    ]);
  });

// All data sets that there are were read by the native decoder, and their fingerprints are of its pixels.
describe("the decoder, compared with the native one", () => {
  it.each(pictureFiles)("makes the same pixels of %s", (_, bytes) => {
    expect(outcome(decodePicture, bytes)).toEqual(outcome(decodeNatively, bytes));
    expect(outcome(decodePicture, bytes)).not.toBe("refused");
  });

  it("turns JPEG by EXIF where that does", () => {
    const plain = pictureFiles.find(([name]) => name === "420.jpg")![1];
    for (let orientation = 0; orientation <= 9; orientation++) {
      const exif = Buffer.from(oriented(plain, orientation));
      // Behind the header of JFIF, and with a directory that is cut off.
      const segment = exif.subarray(2, 4 + exif.readUInt16BE(4));
      const behind = Buffer.concat([plain.subarray(0, 20), segment, plain.subarray(20)]);
      const cut = Buffer.from(exif);
      cut.writeUInt32BE(0x00ffffff, 16);
      for (const bytes of [exif, behind, cut])
        expect(outcome(decodePicture, bytes)).toEqual(outcome(decodeNatively, bytes));
    }
  });

  it("makes the same pixels of PNG of every kind, depth and filter, interlaced and not", () => {
    let read = 0;
    fc.assert(
      fc.property(pngs, (bytes) => {
        const mine = outcome(decodePicture, bytes);
        expect(mine).toEqual(outcome(decodeNatively, bytes));
        if (mine !== "refused") read++;
      }),
      { numRuns: 1500 },
    );
    expect(read).toBeGreaterThan(1400);
  });

  it("refuses the same files of those that were changed or cut at random, and reads the others alike", () => {
    const edits = fc.array(fc.tuple(fc.nat(6000), fc.nat(255)), { maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...small), edits, fc.nat(400), fc.boolean(), ([, bytes], changes, cut, cuts) => {
        const broken = Uint8Array.from(bytes.subarray(0, cuts ? Math.max(40, bytes.length - cut) : bytes.length));
        // The first 30 bytes say how large it is, which is checked before it is decoded.
        for (const [at, byte] of changes) broken[30 + (at % (broken.length - 30))] = byte;
        expect(outcome(leniently, broken)).toEqual(outcome(decodeNatively, broken));
      }),
      { numRuns: 600 },
    );
  });

  it("goes on after a file that it refused, and after a large one", () => {
    const [, good] = pictureFiles.find(([name]) => name === "lossless.webp")!;
    const before = outcome(decodePicture, good);
    expect(() => decodePicture(grayPng(1).subarray(0, 45))).toThrow(InklingError);
    const row = Buffer.alloc(6001 * 3);
    const header = Buffer.alloc(13);
    header.writeUInt32BE(6000, 0);
    header.writeUInt32BE(4000, 4);
    header.set([8, 2], 8);
    const large = Buffer.concat([
      Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
      chunk("IHDR", header),
      chunk("IDAT", deflateSync(Buffer.concat(Array(4000).fill(row.subarray(0, 18001))))),
      chunk("IEND", []),
    ]);
    expect(decodePicture(large).data.length).toBe(6000 * 4000 * 3);
    expect(outcome(decodePicture, good)).toEqual(before);
  });
});

describe("a decoder that stops in the middle of a file", () => {
  // Exports a memory, allocate (always 8), decode (a trap) and release.
  const trap = new WebAssembly.Module(
    Buffer.from(
      [
        "0061736d01000000",
        "010f0360017f017f60027f7f017f600000",
        "030403000102",
        "0503010001",
        "072804066d656d6f7279020008616c6c6f636174650000066465636f646500010772656c656173650002",
        "0a0d03040041080b0300000b02000b",
      ].join(""),
      "hex",
    ),
  );

  it("refuses the file, and starts anew for the next", () => {
    const decoder = new Decoder(trap);
    for (let i = 0; i < 2; i++) {
      expect(() => decoder.decode(Uint8Array.of(1))).toThrow(InklingError);
      expect(() => decoder.decode(Uint8Array.of(1))).toThrow(/damaged: decoding failed partway through/);
    }
  });
});
