import { describe, expect, it } from "vitest";
import {
  type Answers,
  answerShifted,
  averageAnswers,
  probabilitiesOf,
  shiftDataset,
  shiftsFor,
} from "../../src/evaluation/index.ts";
import { type Scaling, UNSCALED } from "../../src/evaluation/softmax.ts";
import { bars } from "../training/data.ts";

const answersOf = (logits: readonly number[], labels: readonly number[]): Answers => ({
  logits: Float32Array.from(logits),
  labels: Uint16Array.from(labels),
  losses: new Float32Array(labels.length),
  correct: new Float32Array(labels.length),
});

describe("the mean of answers", () => {
  it("is that of the probabilities, each scaled in its own way", () => {
    const [a, b] = [answersOf([0, 2, 1, /**/ 5, 0, 0], [1, 0]), answersOf([4, 0, 0, /**/ 1, 1, 1], [1, 0])];
    const mean = averageAnswers([a, b], [{ temperature: 2, attenuation: 0.5 }, { temperature: 1 }]);
    const of = (one: Answers, scaling?: Scaling) => probabilitiesOf(one.logits, one.labels, 3, scaling).probabilities;
    const expected = of(a, { temperature: 2, attenuation: 0.5 }).map((p, i) => (p + of(b)[i]!) / 2);
    for (const [i, p] of of(mean).entries()) expect(p).toBeCloseTo(expected[i]!, 6);
    expect([...mean.correct]).toEqual([0, 1]);
    expect(mean.losses[0]).toBeCloseTo(-Math.log(expected[1]!), 5);
  });

  it("stays finite where all models are certain that a class is impossible", () => {
    const sure = answersOf([0, 200], [0]);
    const mean = averageAnswers([sure, sure], [UNSCALED, UNSCALED]);
    expect(Number.isFinite(mean.losses[0]!)).toBe(true);
    expect(mean.losses[0]).toBeGreaterThan(50);
  });
});

describe("test-time augmentation", () => {
  it("shifts images, and fills them with the color of the border", () => {
    const data = bars(3, { size: 4, classes: 2 });
    const [before, after] = [data.images.subarray(16, 32), new Uint8Array(16)];
    shiftDataset(data, [1, 0]).read([1], after);
    expect(after.subarray(4)).toEqual(before.subarray(0, 12));
    expect(new Set(after.subarray(0, 4)).size).toBe(1);
    shiftDataset(data, [0, -1]).read([1], after);
    for (let y = 0; y < 4; y++) expect(after.subarray(4 * y, 4 * y + 3)).toEqual(before.subarray(4 * y + 1, 4 * y + 4));
    expect(shiftsFor([28, 28, 1])).toEqual([
      [0, 0],
      [-1, 0],
      [1, 0],
      [0, -1],
      [0, 1],
    ]);
    expect(shiftsFor([64, 80, 3])[1]).toEqual([-2, 0]);
  });

  it("answers five times, by the mean, and says what it would be without", async () => {
    const data = bars(2, { size: 4, classes: 2 });
    let calls = 0;
    const shifted = await answerShifted(
      data,
      async () => answersOf(++calls === 1 ? [0, 1, 0, 1] : [3, 0, 0, 3], [0, 1]),
      UNSCALED,
    );
    expect([calls, shifted.predictions]).toEqual([5, 5]);
    expect([...shifted.plain.logits]).toEqual([0, 1, 0, 1]);
    expect([...shifted.correct]).toEqual([1, 1]);
  });
});
