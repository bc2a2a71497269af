import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  cosineDecay,
  exponentialDecay,
  oneCycle,
  piecewiseConstantDecay,
  polynomialDecay,
  type ScheduleConfig,
  warmup,
} from "../../src/optimizers/schedules/index.ts";
import { learningRateAt, toSchedule } from "../../src/optimizers/schedules/registry.ts";

/** Made by make.py with PyTorch. */
const reference = JSON.parse(readFileSync(new URL("schedules.json", import.meta.url), "utf8")) as Readonly<
  Record<string, readonly number[]>
>;
const schedules: Readonly<Record<string, ScheduleConfig>> = {
  piecewiseConstantDecay: piecewiseConstantDecay([5, 12], [0.1, 0.01, 0.001]),
  exponentialDecay: exponentialDecay(0.1, 5, 0.5),
  "exponentialDecay smooth": exponentialDecay(0.1, 1, 0.9, { staircase: false }),
  cosineDecay: cosineDecay(0.1, 20),
  "cosineDecay alpha": cosineDecay(0.1, 20, { alpha: 0.1 }),
  polynomialDecay: polynomialDecay(0.1, 15, { endLearningRate: 0, power: 2 }),
  oneCycle: oneCycle(0.1, 20),
  "oneCycle linear": oneCycle(0.1, 20, { pctStart: 0.2, annealStrategy: "linear", divFactor: 10 }),
  warmup: warmup(cosineDecay(0.1, 15), 5, { startFactor: 0.25 }),
};

it.each(Object.keys(schedules))("%s is PyTorch's within 1e-5", (name) => {
  const want = reference[name]!;
  const got = want.map((_, step) => learningRateAt(schedules[name]!, step));
  const wrong = want.flatMap((x, i) => (Math.abs(got[i]! - x) <= 1e-5 * x + 1e-16 ? [] : [[i, got[i], x]]));
  expect(wrong).toEqual([]);
});

it("has a schedule of ours for each of the reference", () => {
  expect(Object.keys(schedules).sort()).toEqual(Object.keys(reference).sort());
});

describe("schedules", () => {
  it.each(Object.entries(schedules))("%s survives JSON", (_name, schedule) => {
    expect(toSchedule(JSON.parse(JSON.stringify(schedule)))).toEqual(schedule);
  });

  it("stay at their last learning rate", () => {
    const last = (schedule: ScheduleConfig) => learningRateAt(schedule, 1_000_000);
    expect(last(cosineDecay(0.1, 20, { alpha: 0.1 }))).toBeCloseTo(0.01, 12);
    expect(last(oneCycle(0.1, 20))).toBeCloseTo(0.1 / 25 / 1e4, 12);
    expect(last(polynomialDecay(0.1, 20))).toBe(0.0001);
    expect(last(piecewiseConstantDecay([5], [1, 2]))).toBe(2);
    expect(last(warmup(0.5, 10))).toBe(0.5);
  });

  it("may begin at the peak of the cycle", () => {
    expect(learningRateAt(oneCycle(0.1, 20, { pctStart: 0 }), 0)).toBeLessThanOrEqual(0.1);
    expect(learningRateAt(oneCycle(0.1, 1), 0)).toBeGreaterThan(0);
  });

  it.each([
    [() => cosineDecay(0.1, 0), "cosineDecay: decaySteps is 0, expected a whole number of at least 1"],
    [() => cosineDecay(0.1, 10, { alpha: 2 }), "cosineDecay: alpha is 2, expected a number from 0 to 1"],
    [() => oneCycle(-1, 10), "oneCycle: maxLearningRate is -1, expected a number above 0"],
    [() => oneCycle(1, 10, { annealStrategy: "cosine" as "cos" }), 'oneCycle: annealStrategy is "cosine", expected'],
    [
      () => piecewiseConstantDecay([5, 5], [1, 2, 3]),
      "piecewiseConstantDecay: boundaries is [5,5], expected steps in increasing order",
    ],
    [
      () => piecewiseConstantDecay([5], [1]),
      "piecewiseConstantDecay: values is [1], expected 2 learning rates, one more than boundaries",
    ],
    [() => polynomialDecay(0.1, 10, { power: 0 }), "polynomialDecay: power is 0, expected a number above 0"],
    [() => warmup(0.1, 0), "warmup: warmupSteps is 0, expected a whole number of at least 1"],
    [() => toSchedule(warmup({ type: "cosinus" }, 5)), 'unknown schedule "cosinus"; known schedules:'],
    [
      () => toSchedule(warmup({ type: "constant", learningRate: 0 } as ScheduleConfig, 5)),
      "constant: learningRate is 0, expected a number above 0",
    ],
  ])("%s is refused", (call, message) => {
    expect(call).toThrow(message);
  });
});
