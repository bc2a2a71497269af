import { describe, expect, it } from "vitest";
import { constantRate, exponentialDecay, sgd } from "../../src/optimizers/index.ts";
import { parseOptimizer } from "../../src/optimizers/registry.ts";
import { learningRateAt } from "../../src/optimizers/schedules/registry.ts";

describe("exponentialDecay", () => {
  const steps = [0, 1, 99_999, 100_000, 199_999, 200_000, 1_000_000];

  it("decreases in steps by default, as in the recipe lenet", () => {
    const schedule = exponentialDecay(0.1, 100_000, 0.96);
    expect(steps.map((step) => learningRateAt(schedule, step))).toEqual(
      [0, 0, 0, 1, 1, 2, 10].map((n) => expect.closeTo(0.1 * 0.96 ** n, 15)),
    );
    expect(learningRateAt(schedule, 99_999)).toBe(0.1);
  });

  it("decreases smoothly without staircase", () => {
    const schedule = exponentialDecay(0.1, 1000, 0.5, { staircase: false });
    for (const step of [0, 1, 500, 999, 1000, 12_345])
      expect(learningRateAt(schedule, step) / (0.1 * 0.5 ** (step / 1000))).toBeCloseTo(1, 12);
  });

  const loose = exponentialDecay as unknown as (...args: unknown[]) => unknown;
  it.each([
    [[0, 10, 0.9], "exponentialDecay: initialLearningRate is 0, expected a number above 0"],
    [[0.1, 0, 0.9], "exponentialDecay: decaySteps is 0, expected a whole number of at least 1"],
    [[0.1, 10, -1], "exponentialDecay: decayRate is -1, expected a number above 0"],
    [[0.1, 10, 0.9, { staircase: 1 }], "exponentialDecay: staircase is 1, expected true or false"],
    [
      [0.1, 10, 0.9, { stairs: true }],
      "exponentialDecay: stairs is not an option; options are type, initialLearningRate, decaySteps, decayRate, staircase",
    ],
  ])("refuses %j", (args, message) => {
    expect(() => loose(...args)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message }));
  });
});

describe("sgd", () => {
  it("takes a constant rate or any schedule", () => {
    expect(sgd(0.3).learningRate).toEqual(constantRate(0.3));
    expect([0, 5, 1e6].map((step) => learningRateAt(sgd(0.3).learningRate, step))).toEqual([0.3, 0.3, 0.3]);
    const schedule = exponentialDecay(0.1, 5, 0.9);
    expect(sgd(schedule).learningRate).toEqual(schedule);
  });

  const loose = sgd as unknown as (...args: unknown[]) => unknown;
  it.each([
    [[], "sgd: learningRate is missing, expected a number or a learning rate schedule"],
    [["fast"], 'sgd: learningRate is "fast", expected a number or a learning rate schedule'],
    [[-1], "constantRate: learningRate is -1, expected a number above 0"],
    [[Number.NaN], /learningRate is NaN, expected a number/],
    [[{ type: "cosinus" }], /^unknown schedule "cosinus"; known schedules: .*constant.*exponentialDecay/],
  ])("refuses %j", (args, message) => {
    expect(() => loose(...args)).toThrow(message);
  });

  it("survives JSON", () => {
    const optimizer = sgd(exponentialDecay(0.1, 5, 0.9));
    expect(parseOptimizer(JSON.parse(JSON.stringify(optimizer)))).toEqual(optimizer);
    expect(() => parseOptimizer({ ...optimizer, type: "sgdd" })).toThrow(
      /^unknown optimizer "sgdd"; known optimizers: .*sgd/,
    );
  });
});
