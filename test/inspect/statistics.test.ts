import { describe, expect, it } from "vitest";
import { channelMoments, describeDataset } from "../../src/datasets/statistics.ts";
import { contactSheet, rowsPerClass, tileImages } from "../../src/report/contactSheet.ts";
import { halfBlocks } from "../../src/report/halfBlocks.ts";
import { datasetOf } from "../pictures/pictures.ts";

const grey = (width: number, height: number, value: number) =>
  ({ width, height, channels: 1, pixels: new Uint8Array(width * height).fill(value) }) as const;

describe("what a data set holds", () => {
  // Images 0, 3, 6 are alike, and so are 1, 4, 7 and 2, 5, 8; labels alternate.
  const dataset = datasetOf(9, 4, (n) => (n % 3) * 100);

  it("is counted, averaged and searched for copies", () => {
    expect(describeDataset(dataset)).toEqual({
      count: 9,
      imageShape: [4, 4, 1],
      classes: [
        { name: "A", count: 5 },
        { name: "B", count: 4 },
      ],
      mean: 100,
      deviation: Math.sqrt(20_000 / 3),
      duplicates: [
        [0, 3, 6],
        [1, 4, 7],
        [2, 5, 8],
      ],
      contradictions: 3,
      skipped: 0,
    });
  });

  it("is nothing where there is nothing", () => {
    const none = { count: 0, mean: 0, deviation: 0, duplicates: [] };
    expect(describeDataset(datasetOf(0, 4, () => 0))).toMatchObject(none);
  });

  it("has a mean and a deviation in each channel, of the images that are asked for", () => {
    const images = Uint8Array.of(0, 7, 10, 7, 20, 7, 30, 7, 200, 90, 200, 90);
    const colored = { ...dataset, images, labels: Uint16Array.of(0, 1, 0), imageShape: [1, 2, 2] as const };
    const { mean, scale } = channelMoments(colored, [0, 1]);
    expect(mean).toEqual([15, 7]);
    expect(scale).toEqual([Math.sqrt(125), 1]);
    expect(channelMoments(colored).mean).toEqual([460 / 6, 208 / 6]);
  });

  it("is shown by rows from all over each class", () => {
    expect(rowsPerClass(dataset, 2)).toEqual([
      [2, 6],
      [3, 7],
    ]);
    expect(rowsPerClass(dataset, 9).map((rows) => rows.length)).toEqual([5, 4]);
  });

  it("is a sheet with a row of squares a class, empty where a class has no more", () => {
    const sheet = contactSheet(dataset, 5);
    expect([sheet.width, sheet.height, sheet.channels]).toEqual([5 * 66 + 2, 2 * 66 + 2, 1]);
    const at = (column: number, row: number) => sheet.pixels[(row * 66 + 34) * sheet.width + column * 66 + 34];
    expect([at(0, 0), at(1, 0), at(4, 0), at(4, 1)]).toEqual([0, 200, 200, 96]);
  });
});

describe("tiles", () => {
  it("are enlarged by whole factors, or reduced, in the middle of their square", () => {
    const { width, height, pixels } = tileImages([grey(3, 3, 255), grey(16, 8, 255)], { columns: 2, side: 8, gap: 0 });
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

  it("show what is light without colours", () => {
    expect(halfBlocks(image, false)).toEqual(["▀▄", "▀▀"]);
  });

  it("show greys and colours out of 256", () => {
    expect(halfBlocks(image, true)[0]).toBe("\x1b[38;5;255;48;5;232m▀\x1b[38;5;232;48;5;255m▀\x1b[0m");
    const red = { width: 1, height: 1, channels: 3, pixels: Uint8Array.of(255, 0, 0) } as const;
    expect(halfBlocks(red, true)).toEqual(["\x1b[38;5;196;48;5;232m▀\x1b[0m"]);
  });
});
