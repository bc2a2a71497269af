import { describe, expect, it } from "vitest";
import { type Dataset, fingerprint, normalize, subset, toTensors, validateDataset } from "../../src/datasets/index.ts";
import { sample } from "./datasets.ts";

describe("validateDataset", () => {
  it("gives back a data set that fits together", () => {
    const dataset = sample(5);
    expect(validateDataset(dataset)).toBe(dataset);
  });

  it.each<[string, Partial<Dataset>, RegExp]>([
    [
      "a shape that is none",
      { imageShape: [3, 0, 1] },
      /imageShape is \(3, 0, 1\), expected \[height, width, channels\]/,
    ],
    ["too few bytes", { images: new Uint8Array(29) }, /images has 29 bytes, expected 30 for 5 labels/],
    ["a label without a class", { labels: Uint16Array.of(0, 1, 2, 3, 0) }, /label of image 3 is 3, expected 0 to 2/],
    ["a class named twice", { classNames: ["A", "B", "A"] }, /class name "A" is empty or repeated/],
    ["no classes", { classNames: [] }, /0 class names/],
    ["too few groups", { groups: Uint32Array.of(1) }, /1 groups for 5 labels/],
    ["too few names", { names: ["A/1.png"] }, /1 names for 5 labels/],
  ])("refuses %s", (_, change, message) => {
    expect(() => validateDataset({ ...sample(5), ...change })).toThrow(message);
  });
});

describe("subset", () => {
  it("copies rows in the order given, with their labels, groups and names", () => {
    const dataset = { ...sample(5, 3, Uint32Array.of(7, 7, 8, 8, 9)), names: [..."abcde"] };
    const part = validateDataset(subset(dataset, [4, 0, 4]));
    expect(part.labels).toEqual(Uint16Array.of(1, 0, 1));
    expect(part.groups).toEqual(Uint32Array.of(9, 7, 9));
    expect(part.names).toEqual(["e", "a", "e"]);
    expect(part.images.subarray(6, 12)).toEqual(dataset.images.subarray(0, 6));
    expect(subset(dataset, []).labels.length).toBe(0);
  });

  it.each([5, -1, 0.5, Number.NaN])("refuses row %d", (row) => {
    expect(() => subset(sample(5), [row])).toThrow(`row ${row} is out of range, expected 0 to 4`);
  });
});

describe("toTensors", () => {
  it("normalizes pixels and makes labels one-hot", () => {
    const tensors = toTensors({ ...sample(2), images: Uint8Array.of(0, 255, 127, 128, 1, 2, 3, 4, 5, 6, 7, 8) });
    expect(tensors.imagesShape).toEqual([2, 3, 2, 1]);
    expect(tensors.labelsShape).toEqual([2, 3]);
    expect([...tensors.images.subarray(0, 2)]).toEqual([-0.5, 0.5]);
    expect(tensors.images[2]).toBe(Math.fround(-0.5 / 255));
    expect([...tensors.labels]).toEqual([1, 0, 0, 0, 1, 0]);
    expect(normalize(127.5)).toBe(0);
  });

  it("takes only the rows that are asked for", () => {
    const { images, labels, imagesShape } = toTensors(sample(6), [4]);
    expect(imagesShape).toEqual([1, 3, 2, 1]);
    expect(images[0]).toBe(Math.fround(normalize(sample(6).images[24]!)));
    expect([...labels]).toEqual([0, 1, 0]);
  });
});

describe("fingerprint", () => {
  it("is fixed, and changes with pixels, labels, shape and names, not with where the data come from", async () => {
    const dataset = sample(6);
    const same = await fingerprint(dataset);
    expect(same).toMatch(/^[0-9a-f]{64}$/);
    expect(await fingerprint({ ...dataset, skipped: [], provenance: { source: "x", description: "y" } })).toBe(same);
    const changes: Partial<Dataset>[] = [
      { images: dataset.images.map((byte, i) => byte ^ Number(i === 3)) },
      { labels: Uint16Array.of(0, 1, 2, 0, 1, 1) },
      { imageShape: [2, 3, 1] },
      { classNames: ["A", "B", "D"] },
    ];
    for (const change of changes) expect(await fingerprint({ ...dataset, ...change })).not.toBe(same);
  });
});
