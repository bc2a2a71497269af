import { describe, expect, it } from "vitest";
import { contactSheet, rowsPerClass, tileImages } from "../../src/report/contactSheet.ts";
import { halfBlocks } from "../../src/report/halfBlocks.ts";
import { datasetOf } from "../pictures/pictures.ts";

const gray = (width: number, height: number, value: number) =>
  ({ width, height, channels: 1, pixels: new Uint8Array(width * height).fill(value) }) as const;

describe("a contact sheet", () => {
  // Images 0, 3, 6 are alike, and so are 1, 4, 7 and 2, 5, 8; labels alternate.
  const dataset = datasetOf(9, 4, (n) => (n % 3) * 100);

  it("has rows from all over each class", () => {
    expect(rowsPerClass(dataset, 2)).toEqual([
      [2, 6],
      [3, 7],
    ]);
    expect(rowsPerClass(dataset, 9).map((rows) => rows.length)).toEqual([5, 4]);
  });

  it("has a row of squares for each class, empty where a class has no more", () => {
    const sheet = contactSheet(dataset, 5);
    expect([sheet.width, sheet.height, sheet.channels]).toEqual([5 * 66 + 2, 2 * 66 + 2, 1]);
    const at = (column: number, row: number) => sheet.pixels[(row * 66 + 34) * sheet.width + column * 66 + 34];
    expect([at(0, 0), at(1, 0), at(4, 0), at(4, 1)]).toEqual([0, 200, 200, 96]);
  });
});

describe("tiles", () => {
  it("are enlarged by whole factors, or reduced, in the middle of their square", () => {
    const { width, height, pixels } = tileImages([gray(3, 3, 255), gray(16, 8, 255)], { columns: 2, side: 8, gap: 0 });
    const rows = Array.from({ length: height }, (_, y) => [...pixels.subarray(y * width, (y + 1) * width)]);
    expect(rows.map((row) => row.map((p) => (p === 255 ? "#" : ".")).join(""))).toEqual([
      "................",
      ".######.........",
      ".######.########",
      ".######.########",
      ".######.########",
      ".######.########",
      ".######.........",
      "................",
    ]);
  });

  it("need an image", () => {
    expect(() => tileImages([], { columns: 1 })).toThrow("contact sheet: 0 images in 1 columns");
  });
});

describe("half-blocks", () => {
  const image = { width: 2, height: 3, channels: 1, pixels: Uint8Array.of(255, 0, 0, 255, 255, 255) } as const;

  it("show what is light without colors", () => {
    expect(halfBlocks(image, false)).toEqual(["▀▄", "▀▀"]);
  });

  it("show grays and colors out of 256", () => {
    expect(halfBlocks(image, true)[0]).toBe("\x1b[38;5;255;48;5;232m▀\x1b[38;5;232;48;5;255m▀\x1b[0m");
    const red = { width: 1, height: 1, channels: 3, pixels: Uint8Array.of(255, 0, 0) } as const;
    expect(halfBlocks(red, true)).toEqual(["\x1b[38;5;196;48;5;232m▀\x1b[0m"]);
  });
});
