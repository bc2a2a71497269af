import { describe, expect, it } from "vitest";
import {
  type Dataset,
  type DivideOptions,
  divide,
  misleadingSplit,
  type SeparateSets,
} from "../../src/datasets/index.ts";
import { sample } from "./datasets.ts";

const warnings = (dataset: Dataset, options: DivideOptions = {}, separate: SeparateSets = {}, batchSize?: number) =>
  misleadingSplit({ dataset, ...separate, division: divide(dataset, separate, options) }, batchSize);
const small = expect.stringMatching(
  /^with only \d+ test images?, the accuracy (is known to within about \d+ points either way|says next to nothing)$/,
);
const withLabels = (labels: readonly number[], parts: readonly number[], groups?: readonly number[]): Dataset => ({
  ...sample(labels.length, 3),
  labels: Uint16Array.from(labels),
  parts: Uint8Array.from(parts),
  ...(groups && { groups: Uint32Array.from(groups) }),
});

describe("misleading splits", () => {
  it("are not seen where there are none", () => {
    expect(warnings(sample(1200), { test: 0.2, keepTogether: "none" }, {}, 16)).not.toContainEqual(small);
    const clean = {
      ...sample(1200),
      images: Uint8Array.from({ length: 7200 }, (_, i) => (((i / 6) * 7 + i) % 251) ^ (i >> 9)),
    };
    expect(
      misleadingSplit(
        {
          dataset: clean,
          division: {
            ...divide(clean, {}, {}),
            trainTestDuplicates: new Uint32Array(),
            trainValidationDuplicates: new Uint32Array(),
          },
        },
        16,
      ),
    ).toEqual([]);
  });

  it("a class without training images, and one without test images", () => {
    expect(warnings(withLabels([0, 1, 0, 1, 0, 1, 2, 2], [0, 0, 0, 0, 1, 1, 2, 2]))).toEqual([
      "class C has no training images, so validation and test images of this class cannot be recognized",
      "all test images are of class C",
      "with only 2 test images, the accuracy says next to nothing",
    ]);
    expect(warnings(withLabels([0, 1, 2, 0, 1, 2, 0, 1, 2], [0, 0, 0, 0, 0, 0, 2, 2, 1]))).toContain(
      "no test image is of class C",
    );
  });

  it("a class with one image", () => {
    expect(warnings(withLabels([0, 1, 0, 1, 0, 1, 2], [0, 0, 1, 1, 2, 2, 0]))).toContain(
      "class C has a single image, which is in one split only",
    );
  });

  it("classes without any image, and several with one", () => {
    const dataset = { ...withLabels([0, 1, 0, 1, 2, 3], [0, 0, 0, 0, 1, 2]), classNames: ["A", "B", "C", "D", "E"] };
    expect(warnings(dataset)).toEqual(
      expect.arrayContaining([
        "class E has no images",
        "classes C, D have no training images, so validation and test images of these classes cannot be recognized",
        "classes C, D have a single image each, which is in one split only",
      ]),
    );
  });

  it("groups that leave a class to the test", () => {
    const groups = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3];
    const dataset = withLabels([0, 1, 0, 1, 0, 1, 0, 1, 0, 2, 2, 2], [0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2], groups);
    expect(warnings(dataset)).toContain(
      "class C has no training images, so validation and test images of this class cannot be recognized",
    );
    const shared = { ...dataset, groups: Uint32Array.from(groups, (group) => group % 3) };
    expect(warnings(shared)).toContain(
      "one group is in the training split and in another one, as the source gives them",
    );
    const { parts: _, ...drawn } = shared;
    expect(warnings(drawn, { keepTogether: "none", validation: 3, test: 3 }).join()).toMatch(
      /(one group is|\d groups are) in the training split and in another one(,with|$)/,
    );
  });

  it("nothing to validate or to test on", () => {
    expect(warnings(sample(300), { validation: 0, test: 0 })).toEqual([
      "there are no validation images, so the best weights are not known",
      "there are no test images, so the accuracy is not measured",
    ]);
  });

  it("images of one split in another", () => {
    const same = new Uint8Array(8 * 6).fill(9);
    const dataset = { ...withLabels([0, 1, 0, 1, 0, 1, 0, 1], [0, 0, 0, 0, 1, 1, 2, 2]), images: same };
    expect(warnings(dataset)).toEqual(
      expect.arrayContaining([
        "2 of 2 test images are also training images",
        "2 of 2 validation images are also training images",
        "2 of 2 test images are also validation images, by which the best weights are chosen",
        "with only 2 test images, the accuracy says next to nothing",
      ]),
    );
    const other = sample(6);
    expect(
      warnings(
        { ...sample(60), images: sample(60).images.map((p) => 255 - p) },
        { keepTogether: "none" },
        { test: other, validation: other },
      ),
    ).toContainEqual(small);
  });

  it("a batch larger than the training images", () => {
    expect(warnings(sample(30), {}, {}, 64)).toContain(
      "a batch has 64 images, more than the 24 training images, so a step repeats some",
    );
  });
});
