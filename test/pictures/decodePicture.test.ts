import { gzipSync } from "node:zlib";
import { Transformer } from "@napi-rs/image";
import { describe, expect, it } from "vitest";
import { claimedSize } from "../../src/image/header.ts";
import { decodePicture } from "../image/decoded.ts";
import { grayPng, png } from "../sources/files.ts";
import { draw, jpeg, oriented, png as pngOf, sheet, webp } from "./pictures/scene.ts";

/** 16 × 8, its left half black. */
const halves = draw(16, 8, `${sheet(16, 8, "#fff")}<rect width="8" height="8"/>`);
const bytes = jpeg(halves, 100);
/** The sides on which a decoded picture is dark. */
function darkSide(file: Uint8Array): string {
  const { width, height, channels, data } = decodePicture(file);
  const at = (x: number, y: number) => data[(y * width + x) * channels]! < 128;
  const corners = [at(0, 0), at(width - 1, 0), at(0, height - 1), at(width - 1, height - 1)];
  return `${width} × ${height}: ${corners.map((dark) => (dark ? "#" : ".")).join("")}`;
}

describe("decoding a picture", () => {
  it.each([
    [1, "16 × 8: #.#."],
    [2, "16 × 8: .#.#"],
    [3, "16 × 8: .#.#"],
    [4, "16 × 8: #.#."],
    [5, "8 × 16: ##.."],
    [6, "8 × 16: ##.."],
    [7, "8 × 16: ..##"],
    [8, "8 × 16: ..##"],
    [0, "16 × 8: #.#."],
    [9, "16 × 8: #.#."],
  ])("turns it as EXIF orientation %i says", (orientation, expected) => {
    expect(darkSide(oriented(bytes, orientation))).toBe(expected);
  });

  it("reads WebP, and keeps transparency", () => {
    expect(darkSide(webp(halves))).toBe("16 × 8: #.#.");
    expect(decodePicture(png(1, [[7, 100]], { kind: "grayAlpha" }))).toMatchObject({
      channels: 2,
      data: Uint8Array.of(7, 100),
    });
  });

  it.each([
    ["JPEG", jpeg(halves)],
    ["JPEG with EXIF", oriented(jpeg(halves), 6)],
    ["WebP", webp(halves)],
    ["lossless WebP", Transformer.fromRgbaPixels(halves.data, 16, 8).webpLosslessSync()],
    ["PNG", pngOf(halves)],
  ])("knows the size that a %s claims", (_, file) => {
    expect(claimedSize(file)).toEqual([8, 16]);
    for (let length = 0; length < 30; length++) claimedSize(file.subarray(0, length));
  });

  it("rounds 16 bits to 8", () => {
    expect([...decodePicture(png(1, [[0x80, 0x00]], { depth: 16 })).data]).toEqual([128]);
  });

  it.each([
    ["nothing", new Uint8Array(), "the file is empty"],
    ["a text", Buffer.from("no picture"), "this is not a PNG, JPEG, WebP, GIF, BMP, TIFF or PNM picture"],
    ["a .zip archive", Buffer.from("PK\x03\x04phone"), "this is an archive; unpack it, and use the pictures in it"],
    ["a .tar.gz archive", gzipSync("a"), "this is an archive; unpack it, and use the pictures in it"],
    ["half a file", grayPng(3).subarray(0, 40), "the picture is damaged"],
    [
      "a bomb",
      bomb(),
      "it has 20000 × 20000 pixels, more than the limit of 67108864, such as 8192 × 8192; make it smaller",
    ],
  ])("refuses %s", (_, file, message) => {
    expect(() => decodePicture(file)).toThrow(message);
  });
});

/** A small PNG that claims to be huge. */
function bomb(): Uint8Array {
  const file = png(20000, [[0]]);
  file.writeUInt32BE(20000, 20);
  return file;
}
