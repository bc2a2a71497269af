import { Transformer } from "@napi-rs/image";
import { describe, expect, it } from "vitest";
import type { Image } from "../../src/datasets/index.ts";
import { decodeImage } from "../../src/datasets/node/decode/decodeImage.ts";
import { orient } from "../../src/datasets/orient.ts";
import { png } from "./node/files.ts";

const image: Image = { height: 2, width: 3, channels: 1, pixels: Uint8Array.of(1, 2, 3, 4, 5, 6) };

/** A JPEG whose left half is dark, with an EXIF orientation in front. */
function jpeg(orientation: number): Buffer {
  const rows = Array.from({ length: 16 }, () => Array.from({ length: 32 }, (_, x) => (x < 16 ? 20 : 230)));
  const plain = new Transformer(png(32, rows)).jpegSync(95);
  const exif = Buffer.from(
    "457869660000 4d4d002a00000008 0001 0112 0003 00000001 0000 0000 00000000".replaceAll(" ", ""),
    "hex",
  );
  exif[25] = orientation;
  const size = Buffer.of(0xff, 0xe1, 0, exif.length + 2);
  return Buffer.concat([plain.subarray(0, 2), size, exif, plain.subarray(2)]);
}

describe("orient", () => {
  it.each<[number, number, number[]]>([
    [1, 2, [1, 2, 3, 4, 5, 6]],
    [2, 2, [3, 2, 1, 6, 5, 4]],
    [3, 2, [6, 5, 4, 3, 2, 1]],
    [4, 2, [4, 5, 6, 1, 2, 3]],
    [5, 3, [1, 4, 2, 5, 3, 6]],
    [6, 3, [4, 1, 5, 2, 6, 3]],
    [7, 3, [6, 3, 5, 2, 4, 1]],
    [8, 3, [3, 6, 2, 5, 1, 4]],
    [9, 2, [1, 2, 3, 4, 5, 6]],
  ])("shows an image of EXIF orientation %i as it is meant", (orientation, height, pixels) => {
    const seen = orient(image, orientation);
    expect([seen.height, seen.width]).toEqual([height, 6 / height]);
    expect([...seen.pixels]).toEqual(pixels);
  });

  it("is applied to JPEG files", () => {
    const upright = decodeImage(jpeg(1));
    expect([upright.height, upright.width]).toEqual([16, 32]);
    expect(upright.pixels[0]).toBeLessThan(60);
    const turned = decodeImage(jpeg(6));
    expect([turned.height, turned.width]).toEqual([32, 16]);
    expect(turned.pixels[15]).toBeLessThan(60);
    expect(turned.pixels.at(-1)).toBeGreaterThan(200);
    expect(decodeImage(jpeg(3)).pixels[0]).toBeGreaterThan(200);
  });
});
