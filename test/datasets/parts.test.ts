import { describe, expect, it } from "vitest";
import { readImages } from "../../src/datasets/images.ts";
import {
  type Dataset,
  divide,
  fingerprint,
  mergeDatasets,
  reshape,
  subset,
  validateDataset,
} from "../../src/datasets/index.ts";
import { partNamed, rowsOfPart, selectPart } from "../../src/datasets/parts.ts";
import { decodePack, encodePack } from "../../src/formats/pack.ts";
import { TrainingData } from "../../src/training/trainingData.ts";
import { sample } from "./datasets.ts";

/** 30 images: 18 for training, 6 for validation, 6 for the test. */
const parts = Uint8Array.from({ length: 30 }, (_, i) => [0, 0, 0, 1, 2][i % 5]!);
const split: Dataset = { ...sample(30), parts };
const partsIn = ({ parts: own }: Dataset) => Array.from(own ?? []);

describe("the split that a source gives", () => {
  it.each([
    ...["train", "Train", "TRAINING", "training_set", "seg_train", "train2017"].map(
      (name) => [name, "training"] as const,
    ),
    ...["val", "valid", "Validation", "dev"].map((name) => [name, "validation"] as const),
    ...["test", "Testing", "TEST", "test1", "Test Images"].map((name) => [name, "test"] as const),
    ...["trains", "A", "0", "", "invalid", "contest", "protest", "constructor"].map(
      (name) => [name, undefined] as const,
    ),
  ])("is named: %s is %s", (name, part) => {
    expect(partNamed(name)).toBe(part);
  });

  it("is checked", () => {
    expect(() => validateDataset({ ...split, parts: parts.subarray(1) })).toThrow(
      "data set: there are 29 parts for 30 labels, expected one per image",
    );
    expect(() => validateDataset({ ...split, parts: parts.with(7, 3) })).toThrow(
      "data set: part of image 7 is 3, expected 0 for training, 1 for validation or 2 for test",
    );
  });

  it("is kept by subset, reshape, merge and .inkling files, and does not change the fingerprint", async () => {
    expect(partsIn(subset(split, [4, 0, 3]))).toEqual([2, 0, 1]);
    expect(partsIn(reshape(split, { resize: [4, 4] }))).toEqual(Array.from(parts));
    expect(partsIn(mergeDatasets([split, sample(2), split]))).toEqual([...parts, 0, 0, ...parts]);
    expect(mergeDatasets([sample(3), sample(2)])).not.toHaveProperty("parts");
    const packed = await decodePack(await encodePack(split));
    expect(packed).toEqual(split);
    expect(await fingerprint(packed)).toBe(await fingerprint(sample(30)));
  });

  it("selects a part, in memory or read on demand, with all classes", () => {
    const streamed = { ...split, read: (rows: ArrayLike<number>, to: Uint8Array) => readImages(split, rows, to) };
    const { images: _, ...onDemand } = streamed;
    const test = selectPart(split, "test");
    expect(test).toEqual(subset(sample(30), rowsOfPart(split, "test")));
    const read = new Uint8Array(6);
    selectPart(onDemand, "test").read([1], read);
    expect(read).toEqual(test.images.slice(6, 12));
    subset(onDemand, [29, 0]).read([1], read);
    expect(read).toEqual(split.images.slice(0, 6));
  });

  it("is used as it is, whatever the seed", () => {
    for (const seed of [1, 2]) {
      const { split: rows, leftOut, replaced } = divide(split, {}, { seed });
      expect(Array.from(rows.test)).toEqual([4, 9, 14, 19, 24, 29]);
      expect(Array.from(rows.validation)).toEqual([3, 8, 13, 18, 23, 28]);
      expect(Array.from(rows.training).sort((a, b) => a - b)).toEqual(Array.from(rowsOfPart(split, "training")));
      expect([leftOut.length, replaced.length]).toEqual([0, 0]);
    }
  });

  it("is completed from the training images only", () => {
    const noValidation = { ...split, parts: parts.map((part) => (part === 1 ? 0 : part)) };
    const { split: rows } = divide(noValidation, {}, { validation: 0.25, seed: 3 });
    expect([rows.training.length, rows.validation.length, rows.test.length]).toEqual([18, 6, 6]);
    expect([...rows.validation, ...rows.training].some((row) => noValidation.parts[row] === 2)).toBe(false);
  });

  it("is ignored on request", () => {
    expect(divide(split, {}, { by: "seed" }).split).toEqual(divide(sample(30), {}, {}).split);
  });

  it("is replaced by a separate set, without being trained on", () => {
    const other = { ...sample(4), images: Uint8Array.from({ length: 24 }, (_, i) => 255 - i) };
    const { split: rows, replaced } = divide(split, { test: other, validation: other }, {});
    expect(Array.from(rows.test)).toEqual([30, 31, 32, 33]);
    expect(Array.from(rows.validation)).toEqual([34, 35, 36, 37]);
    expect(rows.training.length).toBe(18);
    expect(replaced.length).toBe(12);
  });

  it.each([
    [
      split,
      { test: 0.2 },
      {},
      /test is 0.2, but the test split is given by the source; omit its size, or .* split\.by: "seed"/,
    ],
    [sample(30), { validation: 5 }, { validation: sample(3) }, /the validation split is a separate data set/],
    [sample(30), { by: "source" }, {}, /test does not give a split; omit split\.by, or use split\.by: "seed"/],
    [split, { by: "half" as "seed" }, {}, /by is half, expected one of source, seed/],
    [{ ...split, parts: parts.map((part) => part || 2) }, {}, {}, /test has no training images: all 30 are given/],
  ] as const)("contradictions are refused (%#)", (dataset, options, separate, message) => {
    expect(() => divide(dataset, separate, options)).toThrow(message);
  });

  it("identifies a training, unless it is ignored", async () => {
    const moved = { ...split, parts: parts.with(0, 2) };
    const [given, other] = [new TrainingData(split), new TrainingData(moved)];
    expect(given.split).toMatchObject({ by: "source" });
    const [a, b] = [await given.spec, await other.spec];
    expect(a.fingerprint).toBe(b.fingerprint);
    expect(a.partsFingerprint).not.toBe(b.partsFingerprint);
    const ignored = new TrainingData(split, { split: { by: "seed" } });
    expect(await ignored.spec).toEqual(await new TrainingData(sample(30)).spec);
  });

  it("has images of three sets in one numbering", () => {
    const [test, validation] = [sample(5), sample(4)];
    const { images, division } = new TrainingData(sample(30), { test, validation, split: { keepTogether: "none" } });
    const pixels = new Uint8Array(6);
    images.read(division.split.validation.subarray(3), pixels);
    expect(pixels).toEqual(validation.images.slice(18, 24));
    images.read(division.split.test.subarray(1, 2), pixels);
    expect(pixels).toEqual(test.images.slice(6, 12));
    expect(images.labels.length).toBe(39);
  });
});
