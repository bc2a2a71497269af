import { Transformer } from "@napi-rs/image";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InklingError } from "../../src/base/error.ts";
import { encodePng } from "../../src/image/encodePng.ts";
import { claimedSize } from "../../src/image/header.ts";
import { chunk, grayJpeg, grayPng, png } from "../sources/files.ts";
import { decodeImage } from "./decoded.ts";

fc.configureGlobal({ seed: 4 });

const palette = [chunk("PLTE", [1, 2, 3, 9, 9, 9])];
const rgbRows = [
  [10, 128, 200, 1, 2, 3],
  [0, 0, 0, 250, 20, 20],
];

const gray = (y: number, x: number) => 20 + 70 * Number(x >= 16) + 140 * Number(y >= 8);
/** 32 × 16 pixels with a gray of its own in each quarter. */
const quarters = Array.from({ length: 16 }, (_, y) => Array.from({ length: 32 }, (_, x) => gray(y, x)));

/** A TIFF block that holds an orientation. */
const tiff = (orientation: number): Buffer =>
  Buffer.from(`4d4d002a0000000800010112000300000001000${orientation}000000000000`, "hex");

/** A TIFF block that holds an orientation, and then a directory of more, which begins `at` bytes from its start. */
const tiffWithMore = (orientation: number, at: number): Buffer => {
  const block = Buffer.from(
    `4d4d002a0000000800020112000300000001000${orientation}000087690004000000010000000000000000`,
    "hex",
  );
  block.writeUInt32BE(at, 30);
  return block;
};

/** {@link quarters} as JPEG with an EXIF block. */
function jpegWith(block: Buffer): Buffer {
  const plain = new Transformer(png(32, quarters)).jpegSync(95);
  const exif = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), block]);
  return Buffer.concat([plain.subarray(0, 2), Buffer.of(0xff, 0xe1, 0, exif.length + 2), exif, plain.subarray(2)]);
}

/** Pictures of {@link quarters} with an EXIF orientation, by their format. */
const turnedPictures: Readonly<Record<string, (orientation: number) => Buffer>> = {
  JPEG: (orientation) => jpegWith(tiff(orientation)),
  "gray PNG": (orientation) => png(32, quarters, { chunks: [chunk("eXIf", tiff(orientation))] }),
  "color PNG": (orientation) =>
    png(
      32,
      quarters.map((row) => row.flatMap((g) => [g, g, g])),
      { kind: "rgb", chunks: [chunk("eXIf", tiff(orientation))] },
    ),
  WebP(orientation) {
    const plain = new Transformer(png(32, quarters)).webpLosslessSync();
    const exif = tiff(orientation);
    const riffChunk = (kind: string, bytes: Buffer) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return Buffer.concat([Buffer.from(kind), length, bytes]);
    };
    const canvas = Buffer.of(8, 0, 0, 0, 31, 0, 0, 15, 0, 0);
    const body = [Buffer.from("WEBP"), riffChunk("VP8X", canvas), plain.subarray(12), riffChunk("EXIF", exif)];
    return riffChunk("RIFF", Buffer.concat(body));
  },
};

describe("decodeImage", () => {
  it.each<[string, Buffer, number, number[]]>([
    ["8-bit gray", png(2, [[10, 200]]), 1, [10, 200]],
    ["1-bit gray", png(2, [[0b10000000]], { depth: 1 }), 1, [255, 0]],
    ["4-bit gray", png(2, [[0x5f]], { depth: 4 }), 1, [85, 255]],
    ["16-bit gray", png(3, [[0, 0, 1, 2, 255, 255]], { depth: 16 }), 1, [0, 1, 255]],
    ["gray with alpha", png(3, [[10, 0, 10, 255, 100, 51]], { kind: "grayAlpha" }), 1, [255, 10, 224]],
    ["RGB", png(1, [[10, 128, 200]], { kind: "rgb" }), 3, [10, 128, 200]],
    ["RGB that is all gray", png(2, [[7, 7, 7, 9, 9, 9]], { kind: "rgb" }), 1, [7, 9]],
    ["16-bit RGB", png(1, [[10, 0, 20, 0, 255, 255]], { kind: "rgb", depth: 16 }), 3, [10, 20, 255]],
    ["RGB with alpha", png(2, [[10, 20, 30, 255, 0, 50, 100, 102]], { kind: "rgba" }), 3, [10, 20, 30, 153, 173, 193]],
    ["a palette", png(2, [[1, 0]], { kind: "palette", chunks: palette }), 3, [9, 9, 9, 1, 2, 3]],
    ["a palette of which gray is used", png(2, [[1, 1]], { kind: "palette", chunks: palette }), 1, [9, 9]],
  ])("reads PNG: %s", (_, bytes, channels, pixels) => {
    const image = decodeImage(bytes);
    expect(image.channels).toBe(channels);
    expect([image.height, image.width]).toEqual([1, pixels.length / channels]);
    expect([...image.pixels]).toEqual(pixels);
  });

  it("reads JPEG, gray and color", () => {
    const gray = decodeImage(grayJpeg);
    expect([gray.height, gray.width, gray.channels]).toEqual([8, 8, 1]);
    expect([...new Set(gray.pixels)]).toEqual([128]);
    const color = decodeImage(new Transformer(png(2, rgbRows, { kind: "rgb" })).jpegSync(95));
    expect([color.height, color.width, color.channels]).toEqual([2, 2, 3]);
  });

  it("reads a gray picture of many pixels that was stored in color", () => {
    const white = new Uint8Array(6000 * 6000 * 3).fill(255);
    const { channels, pixels } = decodeImage(encodePng(white, [6000, 6000, 3]));
    expect(channels).toBe(1);
    expect(pixels.length).toBe(6000 * 6000);
  });

  it("finds the size that a JPEG claims behind stray bytes too", () => {
    const frame = grayJpeg.indexOf(Buffer.of(0xff, 0xc0));
    const stray = (bytes: number[], side: number) => {
      const file = Buffer.concat([grayJpeg.subarray(0, frame), Buffer.from(bytes), grayJpeg.subarray(frame)]);
      file.writeUInt16BE(side, frame + bytes.length + 5);
      file.writeUInt16BE(side, frame + bytes.length + 7);
      return file;
    };
    for (const bytes of [[], [0x12, 0x34], [0xff, 0x00], [0xff, 0xd9]]) {
      expect(claimedSize(stray(bytes, 8))).toEqual([8, 8]);
      expect(() => decodeImage(stray(bytes, 3000))).toThrow(/claims 3000 × 3000 pixels/);
    }
    expect(() => decodeImage(grayJpeg.subarray(0, frame))).toThrow(/its size is missing/);
  });

  it("reads WebP", () => {
    const image = decodeImage(new Transformer(png(2, rgbRows, { kind: "rgb" })).webpLosslessSync());
    expect([...image.pixels]).toEqual(rgbRows.flat());
  });

  it.each([
    [1, [20, 90, 160, 230]],
    [2, [90, 20, 230, 160]],
    [3, [230, 160, 90, 20]],
    [4, [160, 230, 20, 90]],
    [5, [20, 160, 90, 230]],
    [6, [160, 20, 230, 90]],
    [7, [230, 90, 160, 20]],
    [8, [90, 230, 20, 160]],
    [9, [20, 90, 160, 230]],
  ])("shows an image of EXIF orientation %i as it is meant", (orientation, corners) => {
    for (const [format, turned] of Object.entries(turnedPictures)) {
      const { height, width, pixels } = decodeImage(turned(orientation));
      expect([format, width, height]).toEqual([
        format,
        ...(orientation >= 5 && orientation <= 8 ? [16, 32] : [32, 16]),
      ]);
      const found = [0, width - 1, (height - 1) * width, height * width - 1].map((at) => pixels[at]!);
      for (const [i, gray] of found.entries()) expect(Math.abs(gray - corners[i]!)).toBeLessThan(20);
    }
  });

  it("turns a picture whatever the other directories of its EXIF block are", () => {
    // Editors that shorten the block leave such addresses behind.
    for (const at of [0, 8, 38, 39, 0x7fffffff, 0xffffffff]) {
      const { width, height } = decodeImage(jpegWith(tiffWithMore(6, at)));
      expect([at, width, height]).toEqual([at, 16, 32]);
    }
  });

  it("leaves a picture as it is where the directory of the orientation is outside the block, or cut off", () => {
    for (const at of [30, 37, 38, 0x7fffffff, 0xffffffff]) {
      const block = tiffWithMore(6, 8);
      block.writeUInt32BE(at, 4);
      const { width, height } = decodeImage(jpegWith(block));
      expect([at, width, height]).toEqual([at, 32, 16]);
    }
    const { width, height } = decodeImage(jpegWith(tiffWithMore(6, 8).subarray(0, 20)));
    expect([width, height]).toEqual([32, 16]);
  });

  it("reads a PNG whose EXIF block consists of marks of one", () => {
    const marks = Buffer.from("Exif\0\0".repeat(100_000), "latin1");
    const { width, height } = decodeImage(png(32, quarters, { chunks: [chunk("eXIf", marks)] }));
    expect([width, height]).toEqual([32, 16]);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ["an empty file", new Uint8Array(), /the file is empty/],
    ["text", Buffer.from("read me"), /not a PNG, JPEG, WebP, GIF, BMP, TIFF or PNM picture/],
    ["a truncated PNG", grayPng(1).subarray(0, 45), /the picture is damaged/],
    ["a PNG that lacks most of its pixels", png(60000, Array(1).fill([1])), /the picture is damaged/],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => decodeImage(bytes)).toThrow(message);
  });

  it("throws nothing but InklingError for bytes changed at random", () => {
    const webp = new Transformer(png(2, rgbRows, { kind: "rgb" })).webpLosslessSync();
    const files = [grayPng(9), png(2, rgbRows, { kind: "rgb" }), grayJpeg, webp];
    const edits = fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.constantFrom(...files), edits, fc.nat(20), (file, changes, cut) => {
        const broken = Uint8Array.from(file.subarray(0, file.length - cut));
        for (const [at, byte] of changes) broken[at % broken.length] = byte;
        try {
          const { width, height, channels, pixels } = decodeImage(broken);
          expect(pixels.length).toBe(width * height * channels);
        } catch (error) {
          expect(error).toBeInstanceOf(InklingError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
