import { describe, expect, it } from "vitest";
import { mergeDatasets, sampleRows, subset } from "../../src/datasets/index.ts";
import { sample } from "./datasets.ts";

describe("mergeDatasets", () => {
  it("puts images one after another, and matches classes by name", () => {
    const a = sample(4, 2);
    const b = { ...sample(3, 3), classNames: ["C", "B", "D"] };
    const merged = mergeDatasets([a, b]);
    expect(merged.classNames).toEqual(["A", "B", "C", "D"]);
    expect([...merged.labels]).toEqual([0, 1, 0, 1, 2, 1, 3]);
    expect([...merged.images.subarray(24)]).toEqual([...b.images]);
    expect(merged.groups).toBeUndefined();
  });

  it("keeps groups of different sets apart, and images without one alone", () => {
    const merged = mergeDatasets([
      sample(3, 2, Uint32Array.of(7, 9, 7)),
      sample(2, 2),
      sample(2, 2, Uint32Array.of(7, 7)),
    ]);
    expect([...merged.groups!]).toEqual([0, 1, 0, 2, 3, 4, 4]);
  });

  it("keeps names where all sets have them", () => {
    const a = { ...sample(2), names: ["A/1.png", "B/2.png"] };
    const b = { ...sample(1), names: ["A/1.png"] };
    expect(mergeDatasets([a, b]).names).toEqual(["A/1.png", "B/2.png", "A/1.png"]);
    expect(mergeDatasets([a, sample(1)]).names).toBeUndefined();
  });

  it("refuses none, and images of different shapes", () => {
    expect(() => mergeDatasets([])).toThrow(/there are no data sets/);
    expect(() => mergeDatasets([sample(4), { ...sample(4), imageShape: [2, 3, 1] }])).toThrow(
      /images of test have shape \(2, 3, 1\), but those of test have \(3, 2, 1\); open both with the same resize/,
    );
  });
});

describe("sampleRows", () => {
  it("takes classes in proportion, in the order of the data set, by seed", () => {
    const dataset = sample(90, 3);
    const rows = sampleRows(dataset, 30);
    expect(rows).toEqual(Uint32Array.from(rows).sort());
    expect(
      subset(dataset, rows).labels.reduce((counts, label) => counts.with(label, counts[label]! + 1), [0, 0, 0]),
    ).toEqual([10, 10, 10]);
    expect(sampleRows(dataset, 30)).toEqual(rows);
    expect(sampleRows(dataset, 30, 2)).not.toEqual(rows);
    expect(sampleRows(dataset, 0.5).length).toBe(45);
  });
});
