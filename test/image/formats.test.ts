import { readdirSync, readFileSync } from "node:fs";
import { deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { claimedSize, FILE_KINDS, imageKind } from "../../src/image/header.ts";
import { orientationOf } from "../../src/image/orientation.ts";
import { chunk, grayJpeg, grayPng, png } from "../sources/files.ts";
import { decodeImage, decodePicture } from "./decoded.ts";
import { pictureFiles } from "./files.ts";

const folder = new URL("lossless/", import.meta.url);
const lossless = readdirSync(folder)
  .filter((name) => !name.endsWith(".py"))
  .map((name) => [name, readFileSync(new URL(name, folder))] as const);

/** The color or gray of make.py's pictures. */
const colorAt = (y: number, x: number) => [20 * x, 28 * y, 10 * (x + y)];
const pixels = (height: number, width: number, at: (y: number, x: number) => number[]) =>
  Array.from({ length: height * width }, (_, i) => at(Math.floor(i / width), i % width)).flat();

describe("GIF, BMP, TIFF and PNM", () => {
  it.each(lossless)("%s has the pixels that were stored", (name, bytes) => {
    expect(claimedSize(bytes)).toEqual([9, 12]);
    const { height, width, channels, pixels: found } = decodeImage(bytes);
    if (name.startsWith("orientation")) {
      expect([height, width]).toEqual([12, 9]);
      expect([...found]).toEqual(pixels(12, 9, (y, x) => colorAt(8 - x, y)));
    } else if (channels === 3) expect([...found]).toEqual(pixels(9, 12, colorAt));
    else expect([...found]).toEqual(pixels(9, 12, (y, x) => [20 * x + y]));
    expect(channels).toBe(/color|palette|orientation/.test(name) ? 3 : 1);
    expect(imageKind(bytes)).toMatch(/^(GIF|BMP|TIFF|PNM)$/);
  });

  it.each(lossless)("%s is refused where it is cut off", (name, bytes) => {
    for (let cut = 0; cut < bytes.length; cut += 7)
      try {
        decodePicture(bytes.subarray(0, cut));
      } catch (error) {
        expect((error as Error).message).toMatch(
          /the file is empty|is not a PNG|the picture is damaged: .*; fetch or save it again/,
        );
      }
    const headers = name.endsWith(".tif") ? 8 : 40;
    expect(() => decodePicture(bytes.subarray(0, headers))).toThrow(/the picture is damaged|is not a PNG/);
  });

  it("does not allocate what a header claims", () => {
    const jpeg = Buffer.from(grayJpeg);
    const frame = jpeg.indexOf(Buffer.of(0xff, 0xc0));
    jpeg.writeUInt16BE(1000, frame + 5);
    jpeg.writeUInt16BE(1000, frame + 7);
    expect(() => decodePicture(jpeg)).toThrow(/claims 1000 × 1000 pixels, too many for its \d+ bytes/);
    // The color type and the depth say how many pixels a byte can hold.
    const color = Buffer.from(png(2, [[1, 2, 3, 4, 5, 6]], { kind: "rgb" }));
    color.writeUInt32BE(400, 16);
    color.writeUInt32BE(400, 20);
    expect(() => decodePicture(color)).toThrow(/claims 400 × 400 pixels, too many for its \d+ bytes/);
    const gif = Buffer.from(lossless.find(([name]) => name.endsWith(".gif"))![1]);
    const image = gif.indexOf(Buffer.of(0x2c, 0, 0, 0, 0, 12, 0, 9, 0));
    gif.writeUInt16LE(6000, image + 5);
    gif.writeUInt16LE(6000, image + 7);
    expect(() => decodePicture(gif)).toThrow(/claims 6000 × 6000 pixels, too many for its \d+ bytes/);
    const bmp = Buffer.from(lossless.find(([name]) => name === "color.bmp")![1]);
    bmp.writeInt32LE(8000, 18);
    bmp.writeInt32LE(-8000, 22);
    expect(() => decodePicture(bmp)).toThrow(/claims 8000 × 8000 pixels, too many for its 378 bytes/);
    bmp.writeInt32LE(9000, 18);
    expect(() => decodePicture(bmp)).toThrow(
      "it has 9000 × 8000 pixels, more than the limit of 67108864, such as 8192 × 8192; make it smaller",
    );
    expect(() => decodePicture(Buffer.from("P5 3000 3000 255\n"))).toThrow(/claims 3000 × 3000/);
    const tags = [
      [256, 2048],
      [257, 2048],
      [258, 16],
      [277, 64],
      [273, 8],
    ].map(([tag, value]) => {
      const entry = Buffer.alloc(12);
      entry.writeUInt16LE(tag!, 0);
      entry.writeUInt16LE(3, 2);
      entry.writeUInt32LE(1, 4);
      entry.writeUInt16LE(value!, 8);
      return entry;
    });
    const entry = (tag: number, value: number, count = 1) => {
      const bytes = Buffer.alloc(12);
      bytes.writeUInt16LE(tag);
      bytes.writeUInt16LE(3, 2);
      bytes.writeUInt32LE(count, 4);
      bytes.writeUInt32LE(value, 8);
      return bytes;
    };
    const named = (...own: readonly Buffer[]) => {
      const all = [entry(256, 4), entry(257, 4), ...own, entry(277, 1)];
      const start = Buffer.from("II*\0\x08\0\0\0\0\0", "latin1");
      start.writeUInt16LE(all.length, 8);
      return Buffer.concat([start, ...all, Buffer.alloc(100)]);
    };
    expect(() => decodePicture(named(entry(258, 0x0001_0008, 2)))).toThrow("samples of 8 and of 1 bits");
    expect(() => decodePicture(named(entry(258, 8), entry(262, 8)))).toThrow("a TIFF with CIE L*a*b* colors");
    const tiff = Buffer.concat([Buffer.from("II*\0\x08\0\0\0\x05\0", "latin1"), ...tags, Buffer.alloc(1000)]);
    expect(() => decodePicture(tiff)).toThrow(/claims 2048 × 2048 pixels of 64 samples, too many for its 1070 bytes/);
  });
});

describe("what is not a readable picture", () => {
  it.each<[string, string]>([
    ["\0\0\0\x1cftypavif", "an AVIF picture"],
    ["\0\0\0\x1cftypheic", "a HEIF picture"],
    ["\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture"],
    ["\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture"],
    ["8BPS\0\x01", "a Photoshop picture"],
    ["\0\0\x01\0\x01\0", "an icon"],
    ["%PDF-1.7", "a PDF document"],
    ['<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg">', "an SVG drawing"],
  ])("names %j", (start, name) => {
    const file = Buffer.concat([Buffer.from(start, "latin1"), Buffer.alloc(40)]);
    expect(() => decodePicture(file)).toThrow(`this is ${name}, which is not supported; convert it to PNG or JPEG`);
  });

  it("takes no text for a picture", () => {
    for (const text of ["BMW makes cars, and these are some of them", "P5", "II. Chapter", "MM", "GIF", "RIFF1234WAVE"])
      expect(() => decodePicture(Buffer.from(text))).toThrow(`this is not a ${FILE_KINDS} picture`);
  });
});

describe("damaged JPEGs", () => {
  const jpegs = pictureFiles.filter(([name]) => name.endsWith(".jpg"));

  it.each(jpegs)("%s is refused where it ends early, and kept on request", (name, bytes) => {
    const { width, height } = decodePicture(bytes);
    for (const share of [0.7, 0.9, 0.99]) {
      const cut = bytes.subarray(0, Math.floor(bytes.length * share));
      expect(() => decodePicture(cut)).toThrow(
        /^the picture is damaged: .*; fetch or save it again(, or keep it as it is \(--keep-damaged\))?$/,
      );
      // Where even tables are missing, there are no pixels to keep.
      if (share === 0.99 && !name.includes("progressive"))
        expect(decodePicture(cut, { keepDamaged: true })).toMatchObject({ width, height });
    }
    expect(() => decodePicture(bytes.subarray(0, -2))).toThrow(/the picture is damaged/);
    // What follows the end does not matter.
    expect(decodePicture(Buffer.concat([bytes, Buffer.from("more")])).data.length).toBeGreaterThan(0);
  });

  it("is not misled by the end of a thumbnail", () => {
    const thumbnail = Buffer.concat([Buffer.of(0xff, 0xe1, 0, grayJpeg.length + 8), Buffer.from("Exif\0\0"), grayJpeg]);
    const [, bytes] = jpegs[0]!;
    const whole = Buffer.concat([bytes.subarray(0, 2), thumbnail, bytes.subarray(2)]);
    expect(decodePicture(whole).width).toBeGreaterThan(0);
    expect(() => decodePicture(whole.subarray(0, -40))).toThrow(/damaged/);
  });
});

describe("orientation", () => {
  const exif = Buffer.from("4d4d002a00000008000101120003000000010006000000000000", "hex");
  const xmp = (orientation: number) =>
    `<x:xmpmeta><rdf:Description tiff:Orientation="${orientation}" xmlns:tiff="t"/></x:xmpmeta>`;
  const segment = (marker: number, contents: Buffer) => {
    const header = Buffer.of(0xff, marker, 0, 0);
    header.writeUInt16BE(contents.length + 2, 2);
    return Buffer.concat([header, contents]);
  };
  const jpeg = (...segments: Buffer[]) => Buffer.concat([grayJpeg.subarray(0, 2), ...segments, grayJpeg.subarray(2)]);
  const exifSegment = segment(0xe1, Buffer.concat([Buffer.from("Exif\0\0"), exif]));
  const xmpSegment = (n: number) => segment(0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0${xmp(n)}`));
  const pngWith = (...chunks: Buffer[]) => png(2, [[1, 2]], { chunks });
  const hex = exif.toString("hex");
  const profile = `\nexif\n${exif.length}\n${hex.slice(0, 20)}\n${hex.slice(20)}\n`;
  const text = (type: string, keyword: string, contents: Uint8Array | string) =>
    chunk(type, Buffer.concat([Buffer.from(`${keyword}\0`), Buffer.from(contents as Uint8Array)]));
  const packed = (contents: string) => Buffer.concat([Buffer.of(0), deflateSync(contents)]);

  it.each<[string, Buffer, number | undefined]>([
    ["EXIF of a JPEG, behind a comment", jpeg(segment(0xfe, Buffer.from("hi")), exifSegment), 6],
    ["XMP of a JPEG", jpeg(xmpSegment(8)), 8],
    ["EXIF before XMP", jpeg(xmpSegment(8), exifSegment), 6],
    ["no orientation", jpeg(xmpSegment(9)), undefined],
    ["the eXIf chunk of a PNG", pngWith(chunk("eXIf", exif)), 6],
    ["ImageMagick's text", pngWith(text("tEXt", "Raw profile type exif", profile)), 6],
    ["its compressed text", pngWith(text("zTXt", "Raw profile type APP1", packed(profile))), 6],
    ["XMP of a PNG", pngWith(text("iTXt", "XML:com.adobe.xmp", `\0\0en\0\0${xmp(3)}`)), 3],
    [
      "XMP of a PNG, compressed",
      pngWith(text("iTXt", "XML:com.adobe.xmp", Buffer.concat([Buffer.from("\x01\0\0\0"), deflateSync(xmp(5))]))),
      5,
    ],
    ["a text that cannot be decompressed", pngWith(text("zTXt", "Raw profile type exif", "\0nonsense")), undefined],
    ["another text", pngWith(text("tEXt", "Comment", xmp(3))), undefined],
    ["a plain picture", grayPng(1), undefined],
  ])("is that of %s", (_, bytes, orientation) => {
    expect(orientationOf(bytes)).toBe(orientation);
    expect(decodePicture(bytes).data.length).toBeGreaterThan(0);
  });
});
