import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  calibrateModel,
  calibrationOf,
  labelBounds,
  probabilitiesOf,
  type ReportInput,
  reportOf,
  slicingsOf,
} from "../../src/evaluation/index.ts";

interface Case {
  readonly classes: number;
  readonly labels: readonly number[];
  readonly logits: readonly number[];
  readonly [score: string]: unknown;
}
/** Made by scores.py with scikit-learn, SciPy and NumPy. */
const { cases } = JSON.parse(readFileSync(new URL("../reference/scores.json", import.meta.url), "utf8")) as {
  readonly cases: readonly Case[];
};
const input = ({ classes, labels, logits }: Case): ReportInput => ({
  classes: Array.from({ length: classes }, (_, k) => `class ${k}`),
  labels,
  logits,
  calibration: calibrateModel(logits, labels, classes)!,
});

describe("an evaluation report", () => {
  const [first] = cases;
  const given = input(first!);
  const report = reportOf(given);

  it("survives JSON, and is the same every time", () => {
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(reportOf(given)).toEqual(report);
  });

  it("has scikit-learn's numbers, each within its interval", () => {
    const { before, after } = report.probabilities;
    expect(before.logLoss.value).toBeCloseTo(first!["logLoss"] as number, 12);
    expect(before.brier.value).toBeCloseTo(first!["brier"] as number, 12);
    expect(before.calibrationError.value).toBeCloseTo(first!["calibrationError"] as number, 12);
    expect(before.areaUnderRiskCoverage.value).toBeCloseTo(first!["areaUnderRiskCoverage"] as number, 12);
    expect(report.balancedAccuracy.value).toBeCloseTo(first!["balanced"] as number, 12);
    expect(report.topK[0]!.accuracy).toBeCloseTo(first!["top2"] as number, 12);
    const estimates = [
      report.balancedAccuracy,
      ...[before, after].flatMap((p) => [p.logLoss, p.brier, p.calibrationError, p.areaUnderRiskCoverage]),
      ...[report.macro, report.weighted, ...report.perClass].flatMap((own) => [own.precision, own.recall, own.f1]),
    ];
    for (const { value, interval } of estimates) {
      expect(interval[0]).toBeLessThanOrEqual(value);
      expect(interval[1]).toBeGreaterThanOrEqual(value);
    }
    // Before, more than chance; after, so much less that it can't be told from chance.
    expect(before.calibrationError.interval[0]).toBeGreaterThan(before.calibrationError.ifCalibrated);
    expect(after.calibrationError.value).toBeLessThan(before.calibrationError.interval[0]);
    expect(after.calibrationError.interval[0]).toBeLessThan(after.calibrationError.ifCalibrated);
    expect(after.logLoss.value).toBeLessThan(before.logLoss.value);
    expect(after.brier.value).toBeLessThan(before.brier.value);
  });

  it.each(cases)(
    "has scikit-learn's precision, recall, F1, top-3 accuracy and rates, and torchmetrics' calibration: $name",
    (one) => {
      const found = reportOf(input(one));
      const values = ({ precision, recall, f1 }: (typeof found)["macro"]) =>
        [precision, recall, f1].map(({ value }) => value);
      const [precision, recall, f1] = one["perClass"] as readonly (readonly number[])[];
      const numbers = [
        found.perClass.flatMap(values),
        values(found.macro),
        values(found.weighted),
        found.confusion.rates.flat(),
        [found.topK.find(({ k }) => k === 3)?.accuracy ?? 1],
        [found.probabilities.before.calibrationError.value],
      ].flat();
      const want = [
        precision!.flatMap((own, k) => [own, recall![k]!, f1![k]!]),
        one["macro"],
        one["weighted"],
        (one["confusion"] as readonly (readonly number[])[]).flat(),
        one["top3"],
        one["torchmetrics"],
      ].flat() as readonly number[];
      for (const [i, number] of numbers.entries()) expect(number).toBeCloseTo(want[i]!, 12);
    },
  );

  it("lists the most certain mistakes and the least certain answers, by their rows", () => {
    const rows = given.labels.length;
    const { mistakes, uncertain } = reportOf({ ...given, rows: Array.from({ length: rows }, (_, n) => 1000 + n) });
    expect(mistakes.length).toBe(Math.min(100, rows - Math.round(report.accuracy * rows)));
    for (const [i, { label, answer, confidence, ranking, image }] of mistakes.entries()) {
      expect(answer).not.toBe(label);
      expect(ranking[0]).toEqual({ class: answer, probability: confidence });
      expect(image).toBeGreaterThanOrEqual(1000);
      if (i > 0) expect(confidence).toBeLessThanOrEqual(mistakes[i - 1]!.confidence);
    }
    expect(uncertain[0]!.confidence).toBeLessThan(uncertain.at(-1)!.confidence);
  });

  it("compares with and without twins, and slices", () => {
    const labels = Array.from(given.labels);
    const isTwin = labels.map((_, n) => n < 100);
    const { twins, slices } = reportOf({
      ...given,
      isTwin,
      slicings: [{ by: "scanner", values: labels.map((_, n) => (n < 100 ? "old" : "new")) }],
    });
    expect(twins).toMatchObject({
      count: 100,
      with: { count: labels.length },
      without: { count: labels.length - 100 },
    });
    expect(slices).toMatchObject([{ by: "scanner", omitted: 0 }]);
    expect(slices[0]!.values.map(({ value }) => value)).toEqual(["new", "old"]);
    expect(slices[0]!.values[0]).toMatchObject(twins!.without);
  });

  it("is made of no images, and of two classes, too", () => {
    const none = reportOf({ classes: ["A", "B"], labels: [], logits: [] });
    expect(JSON.parse(JSON.stringify(none))).toEqual(none);
    expect(none).toMatchObject({ count: 0, accuracy: 0, topK: [], mistakes: [] });
  });
});

it("the calibration error of labels drawn from the probabilities themselves is as expected", () => {
  const { labels, logits, classes } = cases[1]!;
  const { before } = reportOf({ classes: Array.from({ length: classes }, String), labels, logits }).probabilities;
  expect(before.calibrationError.ifCalibrated).toBeLessThan(before.calibrationError.value);
  expect(before.calibrationError.ifCalibrated).toBeGreaterThan(0.01);
  expect(calibrationOf(probabilitiesOf(logits, labels, classes)).bins).toHaveLength(15);
});

it("label corrections give an accuracy before, one after, and bounds of every choice among them", () => {
  const labels = [0, 0, 1, 1, 0, 1];
  const answers = [0, 1, 1, 0, 1, 1].map((answer) => ({ answer }));
  const corrected = [1, 1, 1, undefined, 0, undefined]; // lowers, raises, keeps, raises, keeps, lowers
  const found = labelBounds(labels, corrected, answers);
  const every = Array.from({ length: 2 ** 6 }, (_, choice) => {
    const kept = labels
      .map((label, n) => ({ n, label: (choice >> n) % 2 === 0 ? label : corrected[n] }))
      .filter((item) => item.label !== undefined);
    return kept.filter(({ n, label }) => answers[n]!.answer === label).length / kept.length;
  });
  expect(found.bounds).toEqual([Math.min(...every), Math.max(...every)]);
  expect(found).toMatchObject({
    relabeled: 2,
    dropped: 2,
    before: { accuracy: 0.5 },
    after: { accuracy: 0.5, count: 4 },
  });
});

it("a data set is cut by groups, folders that are not classes, brightness and size of the ink", () => {
  const images = new Uint8Array(8 * 64);
  for (let n = 0; n < 8; n++) for (let i = 0; i <= n; i++) images[n * 64 + 18 + 8 * Math.floor(i / 4) + (i % 4)] = 255;
  const slicings = slicingsOf(
    {
      images,
      labels: Uint16Array.from({ length: 8 }, (_, n) => n % 2),
      imageShape: [8, 8, 1],
      classNames: ["A", "B"],
      groups: Uint32Array.from({ length: 8 }, (_, n) => Math.floor(n / 4)),
      names: Array.from({ length: 8 }, (_, n) => `scans/${n < 3 ? "old" : "new"}/${"AB"[n % 2]}/${n}.png`),
      provenance: { source: "test", description: "test" },
      skipped: [],
    },
    [0, 1, 2, 3, 4, 5, 6, 7],
  );
  expect(slicings.map(({ by, values }) => [by, new Set(values).size])).toEqual([
    ["group", 2],
    ["folder 2", 2],
    ["brightness", 4],
    ["size of the ink", expect.any(Number)],
  ]);
});
