import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Dataset,
  describeSplit,
  divide,
  foldDataset,
  type Split,
  splitDataset,
} from "../../src/datasets/index.ts";
import { stratifiedCounts } from "../../src/datasets/stratifiedCounts.ts";

/** A data set of these labels; images are of the patterns given, by default each of its own. */
const withLabels = (labels: readonly number[], groups?: readonly number[], patterns?: readonly number[]): Dataset => ({
  images: new Uint8Array(Uint32Array.from(labels, (_, row) => patterns?.[row] ?? row).buffer),
  labels: Uint16Array.from(labels),
  imageShape: [2, 2, 1],
  classNames: ["A", "B", "C", "D", "E"],
  ...(groups && { groups: Uint32Array.from(groups) }),
  provenance: { source: "test", description: "labels alone" },
  skipped: [],
});

const labelLists = fc.array(fc.nat(4), { minLength: 10, maxLength: 300 });
const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const fractions = fc.record({
  training: fc.double({ min: 0.2, max: 0.5, noNaN: true }),
  validation: fc.double({ min: 0, max: 0.25, noNaN: true }),
  test: fc.double({ min: 0, max: 0.25, noNaN: true }),
});
const rowsOf = (split: Split) => [...split.training, ...split.validation, ...split.test];
const ascending = (rows: readonly number[]) => [...rows].sort((a, b) => a - b);

fc.configureGlobal({ seed: 4 });

describe("stratifiedCounts", () => {
  it("keeps every sum, and every entry within one of its proportion", () => {
    const sizes = fc.array(fc.nat(50), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(1000), { maxLength: 4 }), (rows, cuts) => {
        const total = rows.reduce((a, b) => a + b, 0);
        const ends = [0, ...ascending(cuts.map((cut) => cut % (total + 1))), total];
        const columns = ends.slice(1).map((end, i) => end - ends[i]!);
        const table = stratifiedCounts(rows, columns);
        expect(table.map((row) => row.reduce((a, b) => a + b, 0))).toEqual(rows);
        expect(columns.map((_, c) => table.reduce((sum, row) => sum + row[c]!, 0))).toEqual(columns);
        for (const [r, row] of table.entries())
          for (const [c, entry] of row.entries())
            expect(Math.abs(entry - (total && (rows[r]! * columns[c]!) / total))).toBeLessThan(1);
      }),
    );
  });
});

describe("splitDataset", () => {
  it("holds nothing out by default where that might be the only image of a class", () => {
    const sizes = ({ training, validation, test }: Split) => [training.length, validation.length, test.length];
    expect(sizes(splitDataset(withLabels([0, 1, 2])))).toEqual([3, 0, 0]);
    expect(sizes(splitDataset(withLabels([0, 1, 2]), { test: 1 / 3 }))).toEqual([2, 0, 1]);
    expect(sizes(splitDataset(withLabels([0, 0, 1, 1, 2, 2])))).toEqual([5, 1, 0]);
  });

  it("says that all images are the same", () => {
    const same = withLabels(
      Array.from({ length: 30 }, (_, row) => row % 3),
      undefined,
      Array.from({ length: 30 }, () => 0),
    );
    expect(() => splitDataset(same)).toThrow(/all 30 images have the same pixels/);
  });

  it("puts no row in two splits, and uses every row where sizes cover all", () => {
    fc.assert(
      fc.property(labelLists, seeds, fractions, (labels, seed, { validation, test }) => {
        const dataset = withLabels(labels);
        const all = labels.map((_, i) => i);
        expect(ascending(rowsOf(splitDataset(dataset, { validation, test, seed })))).toEqual(all);
        const covering = { training: 1 - validation - test, validation, test, seed };
        expect(ascending(rowsOf(splitDataset(dataset, covering)))).toEqual(all);
      }),
    );
  });

  it("gives each split its size and, to within one image, the proportions of the classes", () => {
    fc.assert(
      fc.property(labelLists, seeds, fractions, (labels, seed, sizes) => {
        const split = splitDataset(withLabels(labels), { ...sizes, seed });
        expect(new Set(rowsOf(split)).size).toBe(rowsOf(split).length);
        for (const name of ["training", "validation", "test"] as const) {
          const rows = [...split[name]];
          expect(Math.abs(rows.length - sizes[name] * labels.length)).toBeLessThanOrEqual(1);
          for (let label = 0; label < 5; label++) {
            const share = (rows.length * labels.filter((other) => other === label).length) / labels.length;
            expect(Math.abs(rows.filter((row) => labels[row] === label).length - share)).toBeLessThan(1);
          }
        }
      }),
    );
  });

  it("never separates a group, and comes as close to the sizes as groups allow", () => {
    fc.assert(
      fc.property(labelLists, fc.array(fc.nat(60), { minLength: 300, maxLength: 300 }), seeds, (labels, pool, seed) => {
        const groups = labels.map((_, i) => pool[i]!);
        const sizes = [...new Set(groups)].map((group) => groups.filter((other) => other === group).length);
        fc.pre(sizes.length >= 6 && Math.max(...sizes) * 10 <= labels.length);
        const dataset = withLabels(labels, groups);
        const split = splitDataset(dataset, { validation: 0.2, test: 0.2, seed });
        expect(ascending(rowsOf(split))).toEqual(labels.map((_, i) => i));
        const parts = [split.training, split.validation, split.test];
        const kept = parts.map((rows) => new Set([...rows].map((row) => groups[row]!)).size);
        expect(kept.reduce((sum, count) => sum + count)).toBe(sizes.length);
        for (const [rows, size] of [
          [split.training, 0.6],
          [split.validation, 0.2],
          [split.test, 0.2],
        ] as const)
          expect(Math.abs(rows.length - size * labels.length)).toBeLessThanOrEqual(3 * Math.max(...sizes));
      }),
    );
  });

  it("keeps images of the same pixels in one split, with sizes and classes as asked", () => {
    const classes = fc.array(fc.nat(4), { minLength: 200, maxLength: 300 });
    const repeated = fc.record({ rows: fc.nat(60), copies: fc.integer({ min: 2, max: 4 }) });
    fc.assert(
      fc.property(classes, repeated, seeds, (drawn, { rows, copies }, seed) => {
        // Copies of an image mostly have its label.
        const patterns = drawn.map((_, i) => (i < rows ? i - (i % copies) : i));
        const labels = drawn.map((label, i) => (i % 10 === 0 ? label : drawn[patterns[i]!]!));
        const split = splitDataset(withLabels(labels, undefined, patterns), { validation: 0.2, test: 0.2, seed });
        expect(ascending(rowsOf(split))).toEqual(labels.map((_, i) => i));
        const kept = Object.values(split).map((of) => new Set([...of].map((row) => patterns[row]!)));
        expect(kept.reduce((sum, { size }) => sum + size, 0)).toBe(new Set(patterns).size);
        for (const [of, share] of [
          [split.training, 0.6],
          [split.validation, 0.2],
          [split.test, 0.2],
        ] as const) {
          expect(Math.abs(of.length - share * labels.length)).toBeLessThanOrEqual(1);
          for (let label = 0; label < 5; label++) {
            const wanted = (of.length * labels.filter((other) => other === label).length) / labels.length;
            expect(Math.abs(of.filter((row) => labels[row] === label).length - wanted)).toBeLessThanOrEqual(2);
          }
        }
      }),
    );
  });

  it("spreads images that stay together over the splits by their sizes", () => {
    const labels = Array.from({ length: 1000 }, (_, i) => i % 5);
    const patterns = labels.map((_, i) => (i < 300 ? 10 * Math.floor(i / 10) + (i % 5) : i));
    const { test } = splitDataset(withLabels(labels, undefined, patterns), { test: 0.2 });
    const repeated = test.filter((row) => row < 300).length;
    expect(Math.abs(repeated - 60)).toBeLessThanOrEqual(2);
  });

  it("parts images of the same pixels, or whole groups, where it is told", () => {
    const labels = Array.from({ length: 100 }, (_, i) => i % 5);
    const parted = (dataset: Dataset, of: readonly number[]) => {
      const split = splitDataset(dataset, { keepTogether: "none", test: 0.5, validation: 0 });
      const test = new Set([...split.test].map((row) => of[row]!));
      return [...split.training].some((row) => test.has(of[row]!));
    };
    const numbers = labels.map((_, i) => Math.floor(i / 10));
    expect(parted(withLabels(labels, undefined, numbers), numbers)).toBe(true);
    expect(parted(withLabels(labels, numbers), numbers)).toBe(true);
  });

  it("joins groups that have an image in common, where that is asked for", () => {
    const labels = Array.from({ length: 120 }, (_, i) => i % 5);
    const groups = labels.map((_, i) => Math.floor(i / 4));
    // Each second group has an image of the one before it.
    const patterns = labels.map((_, i) => (i % 8 === 4 ? i - 4 : i));
    const splits = (keepTogether?: "pixels") =>
      splitDataset(withLabels(labels, groups, patterns), { test: 0.3, ...(keepTogether && { keepTogether }) });
    const pairs = ({ training, validation, test }: Split) =>
      [training, validation, test].reduce((n, rows) => n + new Set([...rows].map((r) => Math.floor(r / 8))).size, 0);
    expect(pairs(splits("pixels"))).toBe(15);
    expect(pairs(splits())).toBeGreaterThan(15);
  });

  it("leaves out what it is told, and nothing changes where that is nothing", () => {
    const dataset = withLabels(Array.from({ length: 100 }, (_, i) => i % 5));
    const split = splitDataset(dataset, { leaveOut: [3, 50, 99], validation: 0.2 });
    expect(ascending(rowsOf(split))).toEqual(
      Array.from({ length: 100 }, (_, i) => i).filter((i) => ![3, 50, 99].includes(i)),
    );
    expect(split.validation.length).toBe(19);
    expect(splitDataset(dataset, { leaveOut: [] })).toEqual(splitDataset(dataset));
  });

  it("is as it always was where no image is there twice", () => {
    const labels = Array.from({ length: 40 }, (_, i) => i % 5);
    expect([...splitDataset(withLabels(labels)).test]).toEqual([18, 27, 34, 26]);
    expect([
      ...splitDataset(
        withLabels(
          labels,
          labels.map((_, i) => i >> 1),
        ),
      ).test,
    ]).toEqual([10, 11, 12, 13]);
  });

  it("is fixed by its seed, and differs by it", () => {
    const labels = Array.from({ length: 200 }, (_, i) => i % 5);
    for (const dataset of [
      withLabels(labels),
      withLabels(
        labels,
        labels.map((_, i) => i >> 2),
      ),
    ]) {
      expect(splitDataset(dataset, { seed: 7 })).toEqual(splitDataset(dataset, { seed: 7 }));
      expect(splitDataset(dataset, { seed: 7 })).not.toEqual(splitDataset(dataset, { seed: 8 }));
      expect(splitDataset(dataset)).toEqual(splitDataset(dataset, { seed: 1 }));
    }
  });

  it("orders each split at random, not by class or row", () => {
    const labels = Array.from({ length: 1000 }, (_, i) => Math.floor(i / 200));
    const { validation } = splitDataset(withLabels(labels), { seed: 1 });
    const half = [...validation.subarray(0, 50)].filter((row) => row < 500).length;
    expect(half).toBeGreaterThan(10);
    expect(half).toBeLessThan(40);
    expect(ascending([...validation])).not.toEqual([...validation]);
  });

  it("takes counts, fractions, both, and none at all", () => {
    const dataset = withLabels(Array.from({ length: 220 }, (_, i) => i % 5));
    const sizes = (split: Split) => [split.training.length, split.validation.length, split.test.length];
    expect(sizes(splitDataset(dataset))).toEqual([176, 22, 22]);
    expect(sizes(splitDataset(dataset, { training: 200, validation: 10, test: 10 }))).toEqual([200, 10, 10]);
    expect(sizes(splitDataset(dataset, { training: 0.5, validation: 10 }))).toEqual([110, 10, 22]);
    expect(sizes(splitDataset(dataset, { training: 1, validation: 0, test: 0 }))).toEqual([220, 0, 0]);
  });

  it.each([
    [
      { training: 200, validation: 100, test: 2 },
      /training 200, validation 100, test 2 of 100 images require 302; request fewer/,
    ],
    [{ validation: 0.5, test: 0.5 }, /leave none for training/],
    [{ validation: 150 }, /training \(the rest\), validation 150, test 0.1 of 100 images require 160/],
    [{ test: -1 }, /test is -1, expected a number of images/],
    [{ validation: 1.5 }, /validation is 1.5/],
    [{ training: Number.NaN }, /training is NaN/],
    [{ seed: 0.5 }, /seed is 0.5/],
    [{ keepTogether: "all" as "none" }, /keepTogether is all, expected one of groups, pixels, near, none/],
  ])("refuses %j", (options, message) => {
    const dataset = withLabels(Array.from({ length: 100 }, (_, i) => i % 5));
    expect(() => splitDataset(dataset, options)).toThrow(message);
  });

  it("refuses fewer groups than splits", () => {
    const dataset = withLabels([0, 1, 2, 3], [5, 5, 9, 9]);
    expect(() => splitDataset(dataset, { validation: 0.25, test: 0.25 })).toThrow(/too few groups/);
  });
});

describe("foldDataset", () => {
  it("puts each row in one fold, with sizes, classes and duplicates as in splits", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(150), { minLength: 60, maxLength: 200 }),
        fc.integer({ min: 2, max: 5 }),
        seeds,
        (patterns, folds, seed) => {
          const labels = patterns.map((pattern) => pattern % 5);
          const all = foldDataset(withLabels(labels, undefined, patterns), { folds, seed });
          expect(all.length).toBe(folds);
          expect(ascending(all.flatMap((rows) => [...rows]))).toEqual(labels.map((_, i) => i));
          const kept = all.map((rows) => new Set([...rows].map((row) => patterns[row]!)));
          expect(kept.reduce((sum, { size }) => sum + size, 0)).toBe(new Set(patterns).size);
          for (const rows of all) expect(Math.abs(rows.length - labels.length / folds)).toBeLessThanOrEqual(5);
        },
      ),
    );
  });

  it("keeps groups whole", () => {
    const labels = Array.from({ length: 100 }, (_, i) => i % 5);
    const groups = labels.map((_, i) => Math.floor(i / 4));
    const all = foldDataset(withLabels(labels, groups));
    expect(all.map((rows) => rows.length)).toEqual([20, 20, 20, 20, 20]);
    expect(all.reduce((sum, rows) => sum + new Set([...rows].map((row) => groups[row])).size, 0)).toBe(25);
  });

  it("takes turns as validation split, without a row of the test split", () => {
    const labels = Array.from({ length: 83 }, (_, i) => i % 5);
    const groups = labels.map((_, row) => Math.floor(row / 3));
    for (const dataset of [withLabels(labels), withLabels(labels, groups)]) {
      const { split: usual } = divide(dataset, {}, { seed: 2, test: 0.2 });
      const splits = [0, 1, 2, 3].map((fold) => divide(dataset, {}, { seed: 2, test: 0.2, folds: 4, fold }).split);
      for (const split of splits) {
        expect(split.test).toEqual(usual.test);
        expect(ascending(rowsOf(split))).toEqual(labels.map((_, row) => row));
        const held = new Set(Array.from(split.validation, (row) => dataset.groups?.[row] ?? row));
        expect(Array.from(split.training).some((row) => held.has(dataset.groups?.[row] ?? row))).toBe(false);
      }
      const validated = splits.flatMap(({ validation }) => [...validation]);
      expect(ascending(validated)).toEqual(ascending([...usual.training, ...usual.validation]));
    }
    const dataset = withLabels(labels);
    expect(() => divide(dataset, {}, { folds: 4, fold: 4 })).toThrow("fold is 4, expected a whole number from 0 to 3");
    expect(() => divide(dataset, { validation: withLabels([0, 1]) }, { folds: 4 })).toThrow(
      "folds is 4, but the validation",
    );
  });

  it("refuses what cannot be folded", () => {
    expect(() => foldDataset(withLabels([0, 1, 2]), { folds: 1 })).toThrow(/folds is 1, expected .* from 2 to 3/);
    expect(() => foldDataset(withLabels([0, 1, 2]), { folds: 4 })).toThrow(/folds is 4/);
    expect(() => foldDataset(withLabels([0, 0, 0], undefined, [1, 1, 1]), { folds: 3 })).toThrow(/for 3 folds/);
  });
});

describe("describeSplit", () => {
  it("gives the lines of the course", () => {
    const split = {
      training: new Uint32Array(200000),
      validation: new Uint32Array(10000),
      test: new Uint32Array(10000),
    };
    expect(describeSplit({ imageShape: [28, 28, 1], classNames: [..."ABCDEFGHIJ"] }, split)).toEqual([
      "Training set (200000, 28, 28, 1) (200000, 10)",
      "Validation set (10000, 28, 28, 1) (10000, 10)",
      "Test set (10000, 28, 28, 1) (10000, 10)",
    ]);
  });
});
