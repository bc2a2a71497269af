import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Dataset, reshape, validateDataset } from "../../src/datasets/index.ts";
import { learnPreparation } from "../../src/datasets/learnPreparation.ts";
import { adapt } from "../../src/image/adapt.ts";
import { type Image, imageAt, toColor, toGray } from "../../src/image/image.ts";
import { resize } from "../../src/image/resize.ts";
import { resizeOnly } from "../../src/pictures/preparation.ts";
import { sample } from "../datasets/datasets.ts";

fc.configureGlobal({ seed: 4 });

const image = (width: number, channels: 1 | 3, pixels: number[]): Image => ({
  width,
  height: pixels.length / width / channels,
  channels,
  pixels: Uint8Array.from(pixels),
});

describe("toGray and toColor", () => {
  it("weigh red, green and blue by Rec. 601", () => {
    const pixels = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 1, 1, 1];
    expect([...toGray(image(5, 3, pixels)).pixels]).toEqual([76, 150, 29, 255, 1]);
  });

  it("give every gray back", () => {
    const grays = image(
      16,
      1,
      Array.from({ length: 256 }, (_, i) => i),
    );
    expect(toGray(toColor(grays))).toEqual(grays);
  });
});

describe("resize", () => {
  it("interpolates between the centres of pixels when it grows", () => {
    expect([...resize(image(2, 1, [0, 100]), [1, 4]).pixels]).toEqual([0, 25, 75, 100]);
  });

  it("averages the area when it shrinks", () => {
    // Weights 1 3 3 1 over 8, cut off and made to sum to 1 at the edges: 3 3 1 over 7.
    expect([...resize(image(6, 1, [70, 0, 0, 0, 0, 0]), [1, 3]).pixels]).toEqual([30, 0, 0]);
    expect([...resize(image(6, 1, [0, 0, 80, 0, 0, 0]), [1, 3]).pixels]).toEqual([11, 30, 0]);
  });

  it("treats rows, columns and channels alike", () => {
    const wide = resize(image(3, 1, [9, 200, 31]), [1, 5]).pixels;
    expect(resize(image(1, 1, [9, 200, 31]), [5, 1]).pixels).toEqual(wide);
    expect(resize(toColor(image(3, 1, [9, 200, 31])), [1, 5])).toEqual(toColor(image(5, 1, [...wide])));
  });

  it("takes memory for the picture asked for, not for each of millions of rows", () => {
    const thin = (height: number) => image(1, 1, Array(height).fill(7));
    expect(new Set(resize(thin(2 ** 18), [512, 64]).pixels)).toEqual(new Set([7]));
    expect(() => resize(thin(2 ** 23 + 1), [512, 512])).toThrow(
      /scaling from 8388609 x 1 pixels .* to 512 x 512 would take too long/,
    );
  });

  it("keeps a plain image plain, at any size", () => {
    const extent = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(extent, extent, extent, extent, fc.nat(255), (width, height, toWidth, toHeight, gray) => {
        const result = resize(image(width, 1, Array(width * height).fill(gray)), [toHeight, toWidth]);
        expect([result.height, result.width]).toEqual([toHeight, toWidth]);
        expect(result.pixels).toEqual(new Uint8Array(toHeight * toWidth).fill(gray));
      }),
    );
  });
});

describe("adapt and reshape", () => {
  it("give the same for an image and for a data set of it", () => {
    const dataset = sample(4);
    const options = { resize: [5, 4], channels: 3 } as const;
    const reshaped = validateDataset(reshape(dataset, options));
    expect(reshaped.imageShape).toEqual([5, 4, 3]);
    const third = adapt(image(2, 1, [...dataset.images.subarray(12, 18)]), options);
    expect(reshaped.images.subarray(120, 180)).toEqual(third.pixels);
  });

  it("refuse images that are neither gray nor color, rather than misread them", () => {
    const four = { ...sample(2), imageShape: [3, 1, 2] as const };
    expect(() => reshape(four, { channels: 1 })).toThrow(
      /images with 2 channels can be used for training, but cannot be shown/,
    );
    expect(() => imageAt(four, 0)).toThrow(/use images with 1 or 3/);
    expect(learnPreparation(four)).toEqual(resizeOnly);
  });

  it("leave alone what is as asked", () => {
    const dataset: Dataset = sample(4);
    expect(reshape(dataset, { resize: [3, 2], channels: 1 })).toBe(dataset);
    expect(reshape(dataset, {})).toBe(dataset);
  });

  it.each([
    [{ resize: [0, 28] as const }, /resize is \[0, 28\], expected \[height, width\]/],
    [{ resize: [28, 1.5] as const }, /resize is \[28, 1.5\]/],
    [{ resize: [65535, 65535] as const }, /resize is \[65535, 65535\], expected at most 67108864 pixels/],
    [{ channels: 2 as 1 }, /channels is 2, expected 1 \(gray\) or 3/],
  ])("refuse %j", (options, message) => {
    expect(() => reshape(sample(4), options)).toThrow(message);
  });
});
