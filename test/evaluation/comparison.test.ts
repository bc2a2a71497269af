import { describe, expect, it } from "vitest";
import { philox, purposes, toUnit } from "../../src/base/philox.ts";
import { studentQuantile, studentTail } from "../../src/evaluation/distributions.ts";
import { type Contender, compareContenders, mcNemar, seedSpread } from "../../src/evaluation/index.ts";

describe("McNemar's test", () => {
  // By sums of binomial coefficients in whole numbers.
  it.each([
    [26, 21, 0.5600646, 0.470879],
    [2, 10, 0.0385742, 0.0224609],
    [0, 6, 0.03125, 0.015625],
    [5, 5, 1, 1],
    [80, 40, 0.0003304, 0.000244217],
    [700, 800, 0.010559255, 0.009824629],
    [0, 0, 1, 1],
  ])("of %i and %i has the p-values %f and %f", (b, c, exact, mid) => {
    expect(mcNemar(b, c).exact).toBeCloseTo(exact, 6);
    expect(mcNemar(b, c).mid).toBeCloseTo(mid, 6);
    expect(mcNemar(c, b)).toEqual(mcNemar(b, c));
  });
});

describe("Student's t", () => {
  // From tables: the quantiles for two-sided 5 %.
  it.each([
    [1, 12.7062],
    [2, 4.30265],
    [4, 2.77645],
    [30, 2.04227],
    [1000, 1.962339],
  ])("with %i degrees of freedom is above %f with 5 %%", (degrees, t) => {
    expect(studentTail(t, degrees)).toBeCloseTo(0.05, 5);
    expect(studentQuantile(0.05, degrees)).toBeCloseTo(t, 3);
  });

  it("takes degrees that are not whole", () => {
    const [low, tail, high] = [3, 2.5, 2].map((degrees) => studentTail(3, degrees));
    expect(low).toBeLessThan(tail!);
    expect(tail).toBeLessThan(high!);
  });
});

/** A model that is right on all images but the hard ones, and on each of these with a probability. */
function simulated(images: number, stream: number, right: number, hard = 0.1): Uint8Array {
  return Uint8Array.from({ length: images }, (_, i) =>
    i >= hard * images || toUnit(philox([stream, purposes.test], [i, 0, 0, 0])[0]) < right ? 1 : 0,
  );
}

const one = (correct: ArrayLike<number>): Contender => ({ models: [correct] });

/** How often a difference between two simulated models of 400 images is called. */
function calls(right: readonly [number, number], pairs: number): number {
  const found = Array.from({ length: pairs }, (_, pair) => {
    const contenders = right.map((share, k) => one(simulated(400, 2 * pair + k, share, 0.2)));
    return compareContenders(contenders, { resamples: 200, seed: pair })[0]!.verdict !== "undecided";
  });
  return found.filter(Boolean).length / pairs;
}

describe("a comparison", () => {
  it("rarely calls a difference between equal models, and often a real one", () => {
    expect(calls([0.5, 0.5], 100)).toBeLessThanOrEqual(0.1);
    expect(calls([0.5, 0.9], 20)).toBeGreaterThan(0.9);
  });

  it("counts pairs, and says which is better", () => {
    const [a, b] = [simulated(600, 1, 0.2), simulated(600, 2, 0.9)];
    const [better] = compareContenders([one(a), one(b)]);
    expect(better).toMatchObject({ test: "paired", verdict: "better", images: 600 });
    const { both, onlyFirst, onlySecond, neither } = better!.counts!;
    expect(both + onlyFirst + onlySecond + neither).toBe(600);
    expect(better!.difference).toBeCloseTo((onlySecond - onlyFirst) / 600, 12);
    expect(better!.interval[0]).toBeLessThan(better!.difference);
    expect(better!.interval[1]).toBeGreaterThan(better!.difference);
    expect(compareContenders([one(b), one(a)])[0]!.verdict).toBe("worse");
    expect(compareContenders([one(a), one(a)])[0]).toMatchObject({ verdict: "undecided", pValue: 1, interval: [0, 0] });
  });

  it("takes what belongs together as one: copies of images add no certainty", () => {
    const [a, b] = [simulated(100, 1, 0.2), simulated(100, 2, 0.8)];
    const copied = (correct: Uint8Array) => Uint8Array.from({ length: 400 }, (_, i) => correct[i % 100]!);
    const clusters = Uint32Array.from({ length: 400 }, (_, i) => i % 100);
    const [alone] = compareContenders([one(a), one(b)], { seed: 7 });
    const [fourfold] = compareContenders([one(copied(a)), one(copied(b))], { seed: 7, clusters });
    expect(fourfold!.interval).toEqual(alone!.interval);
    const [naive] = compareContenders([one(copied(a)), one(copied(b))], { seed: 7 });
    expect(naive!.errors.images).toBeLessThan(0.6 * alone!.errors.images);
  });

  it("knows that seeds differ: three lucky ones are not a better setting", () => {
    const group = (streams: readonly number[], rights: readonly number[]): Contender => ({
      models: streams.map((stream, k) => simulated(1000, stream, rights[k]!)),
    });
    const [a, b] = [group([1, 2, 3], [0.2, 0.5, 0.8]), group([4, 5, 6], [0.4, 0.7, 0.9])];
    const [found] = compareContenders([a, b]);
    expect(found).toMatchObject({ test: "seeds", verdict: "undecided" });
    expect(found!.errors.seeds).toBeGreaterThan(found!.errors.images);
    expect(found!.counts).toBeUndefined();
    expect(seedSpread([a, b])!.degrees).toBe(4);
    const [steady, better] = [group([1, 2, 3], [0.3, 0.3, 0.3]), group([4, 5, 6], [0.8, 0.8, 0.8])];
    expect(compareContenders([steady, better])[0]!.verdict).toBe("better");
  });

  it("corrects p-values for the number of comparisons", () => {
    const base = simulated(400, 1, 0.5);
    const others = [2, 3, 4].map((stream) => one(simulated(400, stream, 0.6)));
    const found = compareContenders([one(base), ...others]);
    const sorted = found.toSorted((x, y) => x.pValue - y.pValue);
    expect(sorted[0]!.adjusted).toBeCloseTo(Math.min(1, 3 * sorted[0]!.pValue), 12);
    expect(sorted[2]!.adjusted).toBeGreaterThanOrEqual(sorted[1]!.adjusted);
  });

  it("refuses answers for different numbers of images, and a single setting", () => {
    for (const contenders of [[one([1, 0])], [one([1, 0]), one([1, 0, 1])], [one([1]), { models: [] }]])
      expect(() => compareContenders(contenders)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});
