import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { confidentJoint, estimatedNoise, findSuspects, labelMargin } from "../../src/audit/index.ts";
import cases from "../reference/confidentLearning.json" with { type: "json" };

fc.configureGlobal({ seed: 4 });

const dataOf = (labels: readonly number[], rows: readonly (readonly number[])[]) => ({
  labels,
  probabilities: Float64Array.from(rows.flat()),
  classes: rows[0]!.length,
});

describe.each(cases)("confident learning as in cleanlab: $name", ({ labels, probabilities, classes, ...expected }) => {
  const data = { labels, probabilities: Float64Array.from(probabilities), classes };
  const confident = confidentJoint(data);

  it("has its thresholds and its confident joint", () => {
    for (const [k, threshold] of confident.thresholds.entries())
      expect(threshold).toBeCloseTo(expected.thresholds[k]!, 9);
    expect(confident.joint).toEqual(expected.joint);
  });

  it("finds its label issues", () => {
    const errors = findSuspects(data, confident).filter(({ kind }) => kind === "labelError");
    expect(errors.map(({ row }) => row).sort((a, b) => a - b)).toEqual(expected.issues);
    expect(expected.issues.length).toBeGreaterThan(0);
  });

  it("has its margins, and lists the lowest first", () => {
    const margins = labels.map((label, n) =>
      labelMargin(data.probabilities.subarray(n * classes, (n + 1) * classes), label),
    );
    for (const [n, margin] of margins.entries()) expect(margin).toBeCloseTo(expected.margins[n]!, 9);
    const found = findSuspects(data, confident).filter(({ kind }) => kind === "labelError");
    expect(found.map(({ margin }) => margin)).toEqual(found.map(({ row }) => margins[row]!).sort((a, b) => a - b));
  });
});

describe("confidentJoint", () => {
  it("counts images that are all equally sure, whatever the rounding of their mean", () => {
    for (const first of [0.7, 0.6, 0.9])
      for (let count = 1; count < 30; count++) {
        const data = dataOf(Array(count).fill(0), Array(count).fill([first, 1 - first, 0]));
        expect(confidentJoint(data).joint[0]).toEqual([count, 0, 0]);
      }
  });

  it("counts no image in a class that has none, nor one that reaches no threshold", () => {
    const { thresholds, counted, joint } = confidentJoint(
      dataOf(
        [0, 0, 1, 1],
        [
          [0.9, 0.1, 0],
          [0.2, 0.1, 0.7],
          [0.1, 0.8, 0.1],
          [0.3, 0.4, 0.3],
        ],
      ),
    );
    expect(thresholds).toEqual([0.55, expect.closeTo(0.6, 12), Number.POSITIVE_INFINITY]);
    expect([...counted]).toEqual([0, -1, 1, -1]);
    expect(joint).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 0],
    ]);
  });
});

describe("estimatedNoise", () => {
  it("scales each row of the joint to the images labeled so", () => {
    // Of class 0, one of the two that are counted is wrong, so 2 of 4; of class 1 none: 2 of 6.
    const data = dataOf(
      [0, 0, 0, 0, 1, 1],
      [
        [0.9, 0.1],
        [0.1, 0.9],
        [0.45, 0.55],
        [0.45, 0.55],
        [0.1, 0.9],
        [0.1, 0.9],
      ],
    );
    expect(estimatedNoise(confidentJoint(data), data)).toBeCloseTo(2 / 6, 12);
  });
});

describe("findSuspects", () => {
  const kinds = (rows: readonly (readonly number[])[]) => {
    // The last image makes the threshold of its class so high that no other reaches it.
    const data = dataOf([...rows.map(() => 0), 1, 2, 3], [...rows, [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]);
    return findSuspects(data, confidentJoint(data)).map(({ row, kind, suggested }) => `${row} ${kind} ${suggested}`);
  };

  it("tells label errors, unreadable and ambiguous images apart", () => {
    expect(
      kinds([
        [0.05, 0.46, 0.44, 0.05],
        [0.28, 0.26, 0.24, 0.22],
        [0, 1, 0, 0],
        [0.6, 0.29, 0.11, 0],
        [0.49, 0.22, 0.15, 0.14],
        [0.49, 0.2, 0.16, 0.15],
      ]),
    ).toEqual(["2 labelError 1", "1 unreadable 0", "5 unreadable 0", "0 ambiguous 1"]);
  });

  it("suspects nobody where every label is the model's", () => {
    expect(kinds([[1, 0, 0, 0]])).toEqual([]);
  });

  const rows = fc.array(
    fc
      .array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 })
      .map((weights) => weights.map((w) => w / weights.reduce((a, b) => a + b, 0))),
    { minLength: 1, maxLength: 40 },
  );
  it("finds the same images whatever their order", () => {
    fc.assert(
      fc.property(rows, fc.infiniteStream(fc.nat(2)), fc.nat(), (p, stream, turn) => {
        const labels = p.map(() => stream.next().value as number);
        const order = p.map((_, i) => (i + turn) % p.length);
        const find = (at: readonly number[]) => {
          const data = dataOf(
            at.map((i) => labels[i]!),
            at.map((i) => p[i]!),
          );
          return findSuspects(data, confidentJoint(data)).map(({ row, kind, suggested }) => [at[row], kind, suggested]);
        };
        const straight = find(p.map((_, i) => i));
        expect(new Set(find(order).map(String))).toEqual(new Set(straight.map(String)));
      }),
    );
  });
});
