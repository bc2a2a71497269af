import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findExactDuplicates } from "../../src/datasets/duplicates/exact.ts";
import { duplicatesAcross } from "../../src/datasets/duplicates/trainTestDuplicates.ts";
import { type Dataset, divide, findTrainTestDuplicates, splitDataset } from "../../src/datasets/index.ts";

/** Images of three channels, each all of its pattern. */
const ofPatterns = (patterns: readonly number[], groups?: readonly number[]): Dataset => ({
  images: Uint8Array.from(patterns.flatMap((pattern) => [pattern & 255, pattern >> 8, 7])),
  labels: Uint16Array.from(patterns, (_, row) => row % 2),
  imageShape: [1, 1, 3],
  classNames: ["A", "B"],
  ...(groups && { groups: Uint32Array.from(groups) }),
  provenance: { source: "test", description: "patterns" },
  skipped: [],
});

/** The groups as anybody would find them. */
const slowly = (patterns: readonly number[]) =>
  [...new Set(patterns)]
    .map((pattern) => patterns.flatMap((other, row) => (other === pattern ? [row] : [])))
    .filter((rows) => rows.length > 1);

fc.configureGlobal({ seed: 4 });

describe("exact duplicates", () => {
  it("are found within a data set and across data sets, in the order of their first rows", () => {
    const lists = fc.array(fc.nat(30), { maxLength: 60 });
    fc.assert(
      fc.property(lists, lists, (a, b) => {
        expect(findExactDuplicates(ofPatterns(a))).toEqual(slowly(a));
        expect(findExactDuplicates(ofPatterns(a), ofPatterns(b))).toEqual(slowly([...a, ...b]));
      }),
    );
  });

  it("are told apart where hashes are the same", () => {
    // A word w after a word v hashes to a multiple of (v·c turned left by 5) xor w, so these two are alike.
    const c = 0x9e3779b1;
    const turned = (v: number) => {
      const hash = Math.imul(v, c);
      return (hash << 5) | (hash >>> 27);
    };
    const words = Int32Array.of(1, 5, 2, turned(1) ^ 5 ^ turned(2));
    const images = new Uint8Array(words.buffer);
    const pair = { ...ofPatterns([0, 0]), images, imageShape: [2, 4, 1] as const };
    expect(findExactDuplicates(pair)).toEqual([]);
    const twice = { ...ofPatterns([0, 0, 0]), images: Uint8Array.of(...images, ...images.subarray(0, 8)) };
    expect(findExactDuplicates({ ...twice, imageShape: [2, 4, 1] })).toEqual([[0, 2]]);
  });
});

describe("train/test duplicates", () => {
  it("are rows with a duplicate among others; no row is its own", () => {
    const groups = [
      [0, 1, 5],
      [2, 6],
    ];
    expect([...duplicatesAcross(groups, [0, 2, 3], [1, 3, 4])]).toEqual([0]);
    expect([...duplicatesAcross(groups, [0, 2, 6], [0, 2, 6])]).toEqual([2, 6]);
    expect([...duplicatesAcross(groups, [0, 1], [0])]).toEqual([1]);
  });

  it("are rows of what is tested, in its own numbers", () => {
    const [training, test] = [ofPatterns([1, 2, 3, 1]), ofPatterns([9, 3, 1, 2])];
    expect([
      ...findTrainTestDuplicates({ dataset: training, rows: [0, 2] }, { dataset: test, rows: [0, 1, 2, 3] }),
    ]).toEqual([1, 2]);
    expect([
      ...findTrainTestDuplicates({ dataset: training, rows: [1, 3] }, { dataset: training, rows: [0, 2] }),
    ]).toEqual([0]);
  });
});

describe("divide", () => {
  const patterns = Array.from({ length: 40 }, (_, i) => 100 + i);
  const test = ofPatterns([103, 1, 2, 139]);

  it("is the split of one data set, with its train/test duplicates", () => {
    const dataset = ofPatterns(patterns.map((pattern, i) => (i % 4 === 3 ? 5 : pattern)));
    expect(divide(dataset, {}, { test: 0.5 })).toMatchObject({
      split: splitDataset(dataset, { test: 0.5 }),
      trainTestDuplicates: new Uint32Array(),
      leftOut: new Uint32Array(),
    });
    const parted = divide(dataset, {}, { test: 0.5, keepTogether: "none" });
    expect([...parted.trainTestDuplicates]).toEqual(
      [...parted.split.test].filter((row) => row % 4 === 3).sort((a, b) => a - b),
    );
  });

  it("leaves out what is also in a separate test set, whose rows are numbered after the others", () => {
    const { split, leftOut, trainTestDuplicates } = divide(ofPatterns(patterns), { test }, {});
    expect([...leftOut]).toEqual([3, 39]);
    expect([split.training.length, split.validation.length]).toEqual([34, 4]);
    expect([...split.training, ...split.validation]).not.toContain(3);
    expect([...split.test]).toEqual([40, 41, 42, 43]);
    expect(trainTestDuplicates.length).toBe(0);
  });

  it("says so where every image is in the test set too", () => {
    const [data, same] = [ofPatterns([1, 2, 3, 4]), ofPatterns([1, 2, 3, 4])];
    for (const test of [data, same])
      expect(() => divide(data, { test }, {})).toThrow(
        /has no training images: all its images are also in the separate test set; use another set there/,
      );
    const split = { ...data, parts: Uint8Array.of(0, 0, 1, 2) };
    expect(() => divide(split, { validation: same }, {})).toThrow(
      /2 are given for the test or validation, and all others are also in the separate validation set; .* a part of this one, such as .*#test/,
    );
    expect(divide(data, { test: same }, { keepTogether: "none", validation: 0 }).split.training.length).toBe(4);
  });

  it.each([
    ["where the data set has groups", ofPatterns(patterns, patterns), {}],
    ["where it is told", ofPatterns(patterns), { keepTogether: "none" as const }],
  ])("leaves nothing out %s, and says what is there twice", (_, dataset, options) => {
    const { leftOut, trainTestDuplicates } = divide(dataset, { test }, { ...options, validation: 0 });
    expect(leftOut.length).toBe(0);
    expect([...trainTestDuplicates]).toEqual([40, 43]);
  });
});
