import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { permutation } from "../../src/base/philox.ts";
import {
  classMeans,
  type Dataset,
  FileCounter,
  fingerprint,
  type Leak,
  mergeDatasets,
  reportDataset,
  subset,
  unorderedFingerprint,
} from "../../src/datasets/index.ts";
import { describeLeaks, describeReport, describeSplitReport } from "../../src/report/describeReport.ts";
import { inspectPage } from "../../src/report/pages/inspectPage.tsx";
import { datasetOf } from "../pictures/pictures.ts";
import { png } from "../sources/files.ts";
import { bars } from "../training/data.ts";

const data = bars(60, { classes: 3 });
const shuffled = (dataset: Dataset, stream: number) =>
  subset(dataset, permutation(dataset.labels.length, 1, "test", stream));

describe("the fingerprint in any order", () => {
  it("is the same for any order of images and of classes, which the other tells apart", async () => {
    const first = await unorderedFingerprint(data);
    const other = shuffled(data, 1);
    expect(await unorderedFingerprint(other)).toBe(first);
    expect(await fingerprint(other)).not.toBe(await fingerprint(data));
    const renamed = { ...data, classNames: ["C", "A", "B"], labels: data.labels.map((label) => (label + 1) % 3) };
    expect(await unorderedFingerprint(renamed)).toBe(first);
  });

  it("is another for another pixel, label, name, number of copies or shape", async () => {
    const all = await Promise.all(
      [
        data,
        { ...data, images: data.images.map((pixel, i) => (i === 99 ? pixel ^ 1 : pixel)) },
        { ...data, labels: data.labels.with(7, (data.labels[7]! + 1) % 3) },
        { ...data, classNames: ["A", "B", "D"] },
        { ...data, imageShape: [4, 16, 1] as const },
        mergeDatasets([data, subset(data, [0])]),
      ].map(unorderedFingerprint),
    );
    expect(new Set(all).size).toBe(all.length);
  });
});

describe("a report", () => {
  // Rows 60 … 63 are copies, the last under another label; 64 and 65 look like 6 and 7.
  const near = subset(data, [6, 7]);
  const copies = subset(data, [0, 1, 2, 3]);
  const doubled = mergeDatasets([
    data,
    { ...copies, labels: copies.labels.with(3, 2) },
    { ...near, images: near.images.map((pixel) => Math.min(255, pixel + 1)) },
  ]);

  it("has duplicates, those that look the same, contradictions and balance", async () => {
    const report = await reportDataset(doubled);
    expect(report.duplicates).toEqual([
      [0, 60],
      [1, 61],
      [2, 62],
      [3, 63],
    ]);
    expect(report.nearDuplicates).toEqual([...report.duplicates, [6, 64], [7, 65]]);
    expect([report.contradictions, report.nearContradictions]).toEqual([1, 1]);
    expect(report.imbalance).toBeCloseTo(22 / 22);
    expect(report.splits.map(({ keepTogether }) => keepTogether)).toEqual(["pixels", "none"]);
    for (const { pixels } of report.splits[0]!.leaks) expect(pixels).toBe(0);
    const parted = report.splits[1]!.leaks.reduce((sum, { pixels, near: alike = 0 }) => sum + pixels + alike, 0);
    expect(parted).toBeGreaterThan(0);
  });

  it("says what is in the test set too", async () => {
    const { splits, nearDuplicates } = await reportDataset(data, { test: near });
    expect(splits[0]).toMatchObject({ leftOut: 2, test: 2 });
    expect(splits[0]!.leaks.map(({ pixels, near: alike }) => [pixels, alike])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(nearDuplicates).toEqual([]);
  });

  it("says which images leak from one part of a split into another", () => {
    const split = {
      by: "seed",
      warnings: [],
      keepTogether: "none",
      training: 8,
      validation: 1,
      test: 1,
      leftOut: 0,
    } as const;
    const leak = { of: "test", in: "training" } as const;
    const leaks = (...some: readonly Omit<Leak, "of" | "in">[]) =>
      describeLeaks({ ...split, leaks: some.map((one) => ({ ...leak, ...one })) });
    expect(leaks({ pixels: 0, near: 0 })).toBe("no duplicates between them");
    expect(leaks({ pixels: 1 }, { pixels: 2 })).toBe(
      "1 test image is also in training; 2 test images are also in training",
    );
    expect(leaks({ pixels: 0, near: 1 }, { pixels: 2, near: 3 })).toBe(
      "1 test image looks like one in training; 3 test images look like one in training, 2 exactly",
    );
    expect(describeSplitReport({ ...split, leftOut: 1200, leaks: [] })).toBe(
      "8 training, 1 validation, 1 test, 1,200 left out, each image on its own: no duplicates between them",
    );
  });

  it("is there for data that cannot be divided, and for none", async () => {
    const { splits } = await reportDataset(subset(data, new Uint8Array(30)));
    expect(splits.map(({ keepTogether }) => keepTogether)).toEqual(["none"]);
    expect(await reportDataset(subset(data, []))).toMatchObject({ count: 0, imbalance: 1, splits: [] });
  });

  it("says that the default is refused where there are too few groups", async () => {
    const report = await reportDataset({ ...data, groups: Uint32Array.from(data.labels, (_, row) => row % 2) });
    expect(report.splits.map(({ keepTogether }) => keepTogether)).toEqual(["none"]);
    const [first, second] = describeReport(report, undefined, undefined).filter((line) =>
      / split|^split|own/.test(line),
    );
    expect(first).toMatch(/^split {8}train refuses the default: .*too few groups/);
    expect(second).toMatch(/^ {13}\d+ training, .*each image on its own/);
  });

  it("is a page, whatever the names", async () => {
    const named = { ...doubled, classNames: ["<b>", '"', "&"] };
    const report = await reportDataset(named);
    const html = inspectPage({ source: "<script>", dataset: named, report });
    expect(html).not.toContain("<script>");
    expect(html).not.toMatch(/<th[^>]*><b>/);
    expect(html).toContain("&lt;b>, &amp;"); // the labels of a group
    expect(html).toContain('aria-label="samples of &quot;"');
    expect(html.indexOf("Images that are the same")).toBeLessThan(html.indexOf("Images that look the same"));
  });

  it("has pictures of a size that a page can hold, in the proportions of the images", async () => {
    const dataset: Dataset = {
      ...datasetOf(4, 4, () => 9),
      images: new Uint8Array(4 * 100 * 300 * 3),
      imageShape: [100, 300, 3],
    };
    const html = inspectPage({ source: "photos", dataset, report: await reportDataset(dataset, { near: false }) });
    const sizes = [...html.matchAll(/<img width="(\d+)" height="(\d+)"/g)].map(([, ...size]) => size.join(" × "));
    expect(new Set(sizes)).toEqual(new Set(["56 × 19"]));
  });
});

describe("class means", () => {
  it("are the mean of each class's pixels, and nothing for a class without images", () => {
    const means = classMeans({ ...data, classNames: ["A", "B", "C", "D"] });
    expect(means[3]).toBeUndefined();
    const rows = [...data.labels.keys()].filter((row) => data.labels[row] === 1);
    const of = (p: number) => rows.reduce((sum, row) => sum + data.images[row * 64 + p]!, 0) / rows.length;
    expect([...means[1]!.pixels]).toEqual(Array.from({ length: 64 }, (_, p) => Math.round(of(p))));
  });
});

describe("file statistics", () => {
  const jpeg = (components: number) =>
    Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 2, 0xff, 0xc0, 0, 8, 8, 0, 7, 0, 9, components);

  it("count kinds and sizes, the most frequent first", () => {
    const counter = new FileCounter();
    expect(counter.statistics).toBeUndefined();
    const gray = png(2, [
      [1, 2],
      [3, 4],
    ]);
    for (const bytes of [jpeg(3), gray, gray, jpeg(1), jpeg(4)]) counter.add(bytes);
    expect(counter.statistics).toEqual({
      count: 5,
      bytes: { total: 48 + 2 * gray.length, smallest: 16, largest: gray.length },
      kinds: [
        { kind: "PNG gray 8 bits", count: 2 },
        { kind: "JPEG CMYK", count: 1 },
        { kind: "JPEG color", count: 1 },
        { kind: "JPEG gray", count: 1 },
      ],
      sizes: [
        { height: 7, width: 9, count: 3 },
        { height: 2, width: 2, count: 2 },
      ],
    });
  });

  it("take any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(0x89, 0xff, 0x52), (bytes, first) => {
        new FileCounter().add(Uint8Array.of(first, ...bytes));
      }),
      { seed: 4 },
    );
  });
});
