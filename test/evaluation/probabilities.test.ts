import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { philox, toUnit } from "../../src/base/philox.ts";
import { binomialTail } from "../../src/evaluation/distributions.ts";
import {
  answersOf,
  answerThreshold,
  areaUnderRiskCoverage,
  atCoverage,
  balancedAccuracy,
  bootstrapInterval,
  brierScore,
  calibrationOf,
  conformalThreshold,
  coverageCurve,
  fitScaling,
  fitTemperature,
  logLoss,
  predictionSet,
  probabilitiesOf,
  scoreSets,
  topKAccuracy,
} from "../../src/evaluation/index.ts";
import { type Scaling, UNSCALED } from "../../src/evaluation/softmax.ts";
import { prominence } from "../../src/ops/prominence.ts";

interface Case {
  readonly name: string;
  readonly classes: number;
  readonly labels: readonly number[];
  readonly logits: readonly number[];
  readonly [score: string]: unknown;
}
/** Made by scores.py with scikit-learn, SciPy and NumPy. */
const { cases, tails } = JSON.parse(readFileSync(new URL("../reference/scores.json", import.meta.url), "utf8")) as {
  readonly cases: readonly Case[];
  readonly tails: readonly (readonly [number, number, number, number])[];
};

describe.each(cases)("the scores of a model, $name", ({ classes, labels, logits, ...want }) => {
  const p = probabilitiesOf(logits, labels, classes);
  const curve = coverageCurve(p);

  it.each([
    ["logLoss", () => logLoss(p)],
    ["brier", () => brierScore(p)],
    ["top2", () => topKAccuracy(p, 2)],
    ["calibrationError", () => calibrationOf(p).error],
    ["areaUnderRiskCoverage", () => areaUnderRiskCoverage(p)],
    ["accuracyAt90", () => atCoverage(curve, 0.9)!.accuracy],
    ["lac", () => conformalThreshold(p, 0.9, "lac").score],
    ["aps", () => conformalThreshold(p, 0.9, "aps").score],
    [
      "balanced",
      () => {
        const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
        for (const [n, { answer }] of answersOf(p).entries()) confusion[labels[n]!]![answer]!++;
        return balancedAccuracy(confusion);
      },
    ],
  ])("have scikit-learn's %s", (name, found) => {
    expect(found()).toBeCloseTo(want[name] as number, 12);
  });

  it("have SciPy's temperature, which makes the loss smaller and changes no answer", () => {
    const temperature = fitTemperature(logits, labels, classes);
    expect(temperature).toBeCloseTo(want["temperature"] as number, 6);
    const calibrated = probabilitiesOf(logits, labels, classes, { temperature });
    expect(logLoss(calibrated)).toBeLessThan(logLoss(p));
    expect(calibrationOf(calibrated).error).toBeLessThan(calibrationOf(p).error);
    expect(answersOf(calibrated).map(({ answer }) => answer)).toEqual(answersOf(p).map(({ answer }) => answer));
  });
});

it.each(tails)("P(X ≤ %i) of %i draws at %f is SciPy's", (errors, count, risk, want) => {
  expect(binomialTail(errors, count, risk)).toBeCloseTo(want, 10);
});

/** Logits and labels of n images from a known model: the labels are drawn from softmax(logits / temperature). */
function drawn(n: number, classes: number, { seed = 1, sharpness = 2, temperature = 1 } = {}) {
  const uniform = (a: number, b: number) => toUnit(philox([seed, 99], [a, b, 0, 0])[0]);
  const logits = Float64Array.from({ length: n * classes }, (_, i) => sharpness * 3 * (uniform(i, 0) - 0.5));
  const { probabilities: values } = probabilitiesOf(logits, new Uint8Array(n), classes, { temperature });
  const labels = Array.from({ length: n }, (_, i) => {
    let left = uniform(i, 1);
    for (let k = 0; k < classes - 1; k++) if ((left -= values[i * classes + k]!) < 0) return k;
    return classes - 1;
  });
  return { logits, labels, classes };
}
const probabilities = ({ logits, labels, classes }: ReturnType<typeof drawn>) =>
  probabilitiesOf(logits, labels, classes);

describe("a temperature", () => {
  it.each([0.5, 1, 2.5])("of %f is found again from labels that were drawn with it", (temperature) => {
    const { logits, labels, classes } = drawn(5000, 4, { sharpness: 3, temperature });
    expect(fitTemperature(logits, labels, classes) / temperature).toBeCloseTo(1, 1);
  });

  it("has limits where no finite one is best, and is 1 without images", () => {
    expect(fitTemperature([5, 0], [0], 2)).toBeCloseTo(1 / 64, 6);
    expect(fitTemperature([5, 0], [1], 2)).toBeCloseTo(64, 4);
    expect(fitTemperature([], [], 2)).toBe(1);
  });
});

const zip = (a: readonly number[], b: readonly number[]) => a.map((x, i) => [x, b[i]!] as const);

describe("the scaling of logits", () => {
  const classes = 4;
  const { logits, labels } = drawn(1500, classes, { sharpness: 3, temperature: 1.5 });
  const lossOf = (scaling: Scaling) => logLoss(probabilitiesOf(logits, labels, classes, scaling));

  it("attenuates logits that tell no class from the others, and changes no answer", () => {
    const of = (z: readonly number[], scaling: Scaling) => [
      ...probabilitiesOf(z, [0], z.length, scaling).probabilities,
    ];
    const scaling = { temperature: 0.5, attenuation: 0.8 };
    // One logit against three equal ones: r² = 1. Two against two: r² = 4/3 · 1 / 4 = 1/3.
    for (const [p, q] of zip(of([3, 0, 0, 0], scaling), of([6, 0, 0, 0], UNSCALED))) expect(p).toBeCloseTo(q, 12);
    const kept = (1 - 0.8 * (2 / 3)) / 0.5;
    for (const [p, q] of zip(of([3, 3, 1, 1], scaling), of([3 * kept, 3 * kept, kept, kept], UNSCALED)))
      expect(p).toBeCloseTo(q, 12);
    expect(of([2, 2, 2], scaling)).toEqual(of([2, 2, 2], UNSCALED));
    const answers = (scaling?: Scaling) =>
      answersOf(probabilitiesOf(logits, labels, classes, scaling)).map(({ answer }) => answer);
    expect(answers(scaling)).toEqual(answers());
  });

  it("has the least loss, inside of its bounds and on them", () => {
    // Shrunken where no class stands out, as after label smoothing; grown there, which no attenuation can undo; as it is.
    for (const power of [2, 1, 0.5, 0.2]) {
      const changed = logits.map((_, i) => {
        const first = classes * Math.floor(i / classes);
        return logits[i]! * prominence(logits, first, classes) ** (0.5 - power);
      });
      const loss = (scaling: Scaling) => logLoss(probabilitiesOf(changed, labels, classes, scaling));
      const found = fitScaling(changed, labels, classes);
      expect(found.attenuation).toBeGreaterThanOrEqual(0);
      expect(found.attenuation).toBeLessThanOrEqual(1);
      for (const [t, a] of [
        [1.01, 0],
        [0.99, 0],
        [1, 0.01],
        [1, -0.01],
      ] as const) {
        const attenuation = Math.min(1, Math.max(0, found.attenuation! + a));
        const other = { temperature: found.temperature * t, attenuation };
        expect(loss(other)).toBeGreaterThanOrEqual(loss(found) - 1e-12);
      }
      expect(loss(found)).toBeLessThanOrEqual(loss({ temperature: fitTemperature(changed, labels, classes) }) + 1e-12);
    }
    expect(lossOf(fitScaling(logits, labels, classes))).toBeLessThan(lossOf(UNSCALED));
  });

  it("is a temperature alone for two classes", () => {
    expect(fitScaling([3, 0, 0, 1], [0, 0], 2, 0.1)).toEqual({
      temperature: fitTemperature([3, 0, 0, 1], [0, 0], 2, 0.1),
    });
  });
});

describe("prediction sets", () => {
  it.each([
    ["lac", 0.9],
    ["lac", 0.99],
    ["aps", 0.9],
    ["aps", 0.95],
  ] as const)("of %s cover new images as often as asked: %f", (method, coverage) => {
    const threshold = conformalThreshold(probabilities(drawn(4000, 5, { seed: 1 })), coverage, method);
    const { covered, meanSize, sizes } = scoreSets(probabilities(drawn(4000, 5, { seed: 2 })), threshold);
    // Within 4 standard errors, of the threshold and of the test; APS without randomization may cover more.
    const error = 4 * Math.sqrt((2 * coverage * (1 - coverage)) / 4000);
    expect(covered).toBeGreaterThan(coverage - error);
    if (method === "lac") expect(covered).toBeLessThan(coverage + error);
    expect(sizes.reduce((sum, count, k) => sum + count * (k + 1), 0) / 4000).toBeCloseTo(meanSize, 12);
  });

  it("begin with the most probable class, which they always have", () => {
    expect(predictionSet([0.2, 0.5, 0.3], { method: "lac", score: 0.75 })).toEqual([1, 2]);
    expect(predictionSet([0.2, 0.5, 0.3], { method: "aps", score: 0.85 })).toEqual([1, 2]);
    expect(predictionSet([0.2, 0.5, 0.3], { method: "aps", score: 0.1 })).toEqual([1]);
  });

  it("are refused where there are too few images, naming how many are needed", () => {
    expect(() => conformalThreshold(probabilities(drawn(18, 3)), 0.95)).toThrow(
      "there are 18 validation images, but a coverage of 0.95 needs at least 19",
    );
    expect(conformalThreshold(probabilities(drawn(19, 3)), 0.95).score).toBeGreaterThan(0);
    expect(() => conformalThreshold(probabilities(drawn(19, 3)), 1)).toThrow("coverage is 1");
  });
});

describe("a threshold for a target accuracy", () => {
  it("is missed on new images no more often than stated", () => {
    let missed = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const found = answerThreshold(probabilities(drawn(600, 3, { seed, sharpness: 4 })), 0.95);
      if (!found) continue;
      const fresh = coverageCurve(probabilities(drawn(4000, 3, { seed: 1000 + seed, sharpness: 4 })));
      const answered = fresh.findLast(({ threshold }) => threshold >= found.threshold)!;
      if (answered.accuracy < 0.95) missed++;
    }
    expect(missed).toBeLessThanOrEqual(7); // 3 are expected; P(X > 7) is 1 %
  });

  it("is not found for too few images, nor where the model is not that good", () => {
    expect(answerThreshold(probabilities(drawn(100, 3)), 0.99)).toBeUndefined();
    expect(answerThreshold(probabilities(drawn(3000, 3, { sharpness: 0.2 })), 0.99)).toBeUndefined();
  });
});

describe("properties", () => {
  const models = fc.record({
    n: fc.integer({ min: 1, max: 40 }),
    classes: fc.integer({ min: 2, max: 6 }),
    seed: fc.nat(1000),
    sharpness: fc.double({ min: 0.1, max: 20, noNaN: true }),
  });

  it("accuracies and coverages are fractions, coverage grows, and a calibration error is at most 1", () => {
    fc.assert(
      fc.property(models, ({ n, classes, ...options }) => {
        const p = probabilities(drawn(n, classes, options));
        const curve = coverageCurve(p);
        expect(curve.at(-1)!.coverage).toBe(1);
        for (const [i, { coverage, accuracy }] of curve.entries()) {
          expect(accuracy).toBeGreaterThanOrEqual(0);
          expect(accuracy).toBeLessThanOrEqual(1);
          if (i > 0) expect(coverage).toBeGreaterThan(curve[i - 1]!.coverage);
        }
        const { error, bins } = calibrationOf(p);
        expect(error).toBeGreaterThanOrEqual(0);
        expect(error).toBeLessThanOrEqual(1);
        expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(n);
        expect(topKAccuracy(p, classes)).toBe(1);
        expect(topKAccuracy(p, 1)).toBeCloseTo(curve.at(-1)!.accuracy, 12);
      }),
      { numRuns: 60 },
    );
  });
});

describe("a bootstrap interval", () => {
  it("of a mean has the width of theory, and is the same for the same seed", () => {
    const values = Array.from({ length: 500 }, (_, i) => toUnit(philox([1, 99], [i, 0, 0, 0])[0]));
    const mean = (rows: Uint32Array) => rows.reduce((sum, row) => sum + values[row]!, 0) / rows.length;
    const [low, high] = bootstrapInterval(500, mean);
    expect(high - low).toBeCloseTo((2 * 1.96) / Math.sqrt(12 * 500), 2);
    expect(bootstrapInterval(500, mean)).toEqual([low, high]);
    expect(bootstrapInterval(500, mean, { seed: 2 })).not.toEqual([low, high]);
  });

  it("refuses numbers that are not counts, or that no memory holds", () => {
    for (const [count, resamples] of [[1e12], [-1], [0.5], [Number.NaN], [10, 1e15], [10, 0]] as const)
      expect(() => bootstrapInterval(count, () => 0, { ...(resamples !== undefined && { resamples }) })).toThrow(
        /^bootstrap: .* is .*, expected a whole number from/,
      );
  });
});
