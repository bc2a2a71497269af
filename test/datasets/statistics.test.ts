import { describe, expect, it } from "vitest";
import { channelMoments, describeDataset } from "../../src/datasets/statistics.ts";
import { datasetOf } from "../pictures/pictures.ts";

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
});
