import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { reduceOnPlateau, type ScheduleConfig, warmup } from "../../src/optimizers/schedules/index.ts";
import {
  followsValidations,
  learningRateAt,
  startOf,
  stateAfter,
  toSchedule,
} from "../../src/optimizers/schedules/registry.ts";

/** Made by make.py with PyTorch: learning rates before the first validation and after each. */
const { scores, rates } = JSON.parse(readFileSync(new URL("reduceOnPlateau.json", import.meta.url), "utf8")) as {
  readonly scores: readonly number[];
  readonly rates: Readonly<Record<string, readonly number[]>>;
};
const schedules: Readonly<Record<string, ScheduleConfig>> = {
  default: reduceOnPlateau(0.1),
  patience: reduceOnPlateau(0.1, { factor: 0.5, patience: 2 }),
  loss: reduceOnPlateau(0.1, { monitor: "loss", factor: 0.5, patience: 2 }),
  cooldown: reduceOnPlateau(0.1, { factor: 0.5, patience: 1, cooldown: 3 }),
  absolute: reduceOnPlateau(0.1, { factor: 0.5, patience: 1, threshold: 0.05, thresholdMode: "abs" }),
  "at once": reduceOnPlateau(0.1, { factor: 0.1, patience: 0, threshold: 0 }),
  least: reduceOnPlateau(0.1, { factor: 0.5, patience: 1, minLearningRate: 0.02 }),
  tiny: reduceOnPlateau(3e-8, { factor: 0.5, patience: 0 }),
};

/** The learning rates of a step before the first validation and after each; the state goes through JSON between. */
function ratesOf(schedule: ScheduleConfig, step = 0): readonly number[] {
  let state = startOf(schedule);
  return [
    learningRateAt(schedule, step, state),
    ...scores.map((accuracy) => {
      state = stateAfter(schedule, JSON.parse(JSON.stringify(state)), { accuracy, loss: 1 - accuracy });
      return learningRateAt(schedule, step, state);
    }),
  ];
}

describe("reduceOnPlateau", () => {
  it.each(Object.keys(rates))("%s: falls where PyTorch's does, to the same learning rates", (name) => {
    expect(ratesOf(schedules[name]!)).toEqual(rates[name]!.map((rate) => expect.closeTo(rate, 12)));
    expect(Object.keys(schedules)).toEqual(Object.keys(rates));
  });

  it("falls at all, but for the tests of where it must not", () => {
    for (const [name, found] of Object.entries(rates)) expect(new Set(found).size > 1, name).toBe(true);
  });

  it("may follow a warm-up, which takes its share of the rate as it is then", () => {
    const schedule = warmup(schedules["patience"]!, 10);
    const half = rates["patience"]!.map((rate) => expect.closeTo(rate / 2, 12));
    expect(ratesOf(schedule, 5)).toEqual(half);
    expect(toSchedule(JSON.parse(JSON.stringify(schedule)))).toEqual(schedule);
    expect([schedule, warmup(0.1, 5)].map(followsValidations)).toEqual([true, false]);
  });

  it.each([
    [() => reduceOnPlateau(0.1, { factor: 1 }), "reduceOnPlateau: factor is 1, expected a number above 0 and below 1"],
    [() => reduceOnPlateau(0.1, { patience: -1 }), "patience is -1, expected a whole number of at least 0"],
    [() => reduceOnPlateau(0.1, { threshold: -0.1 }), "threshold is -0.1, expected a number from 0 to 1"],
    [() => reduceOnPlateau(0.1, { monitor: "error" as "loss" }), 'monitor is "error", expected "accuracy" or "loss"'],
  ])("%s is refused", (call, message) => {
    expect(call).toThrow(message);
  });
});
