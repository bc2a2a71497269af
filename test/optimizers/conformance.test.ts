import { describe, expect, test } from "vitest";
import { interpretBackend } from "../../src/backends/interpret/backend.ts";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import {
  adam,
  adamw,
  constantRate,
  cosineDecay,
  exponentialDecay,
  extended,
  inverseTimeDecay,
  lion,
  type OptimizerConfig,
  oneCycle,
  optimizerTypes,
  piecewiseConstantDecay,
  polynomialDecay,
  reduceOnPlateau,
  rmsprop,
  type ScheduleConfig,
  scheduleTypes,
  sgd,
  warmup,
} from "../../src/optimizers/index.ts";
import { optimizerTests, scheduleTests } from "../../src/testing/index.ts";
import { unlisted, without } from "../testing/listed.ts";
import { updateOf } from "./updates.ts";

// One suite for every optimizer and schedule: the one that extensions use. The references are the formulas of their
// papers and of PyTorch and Keras, one weight and one step at a time.

enableRelaxedSimd();
const backends = [interpretBackend, wasmBackend()];

const betas = { beta1: 0.8, beta2: 0.9, epsilon: 1e-3, weightDecay: 0.1 };
const optimizers: Readonly<Record<string, readonly OptimizerConfig[]>> = {
  adam: [adam(0.01, betas)],
  adamw: [adamw(0.01, betas)],
  lion: [lion(0.01, { beta1: 0.8, beta2: 0.9, weightDecay: 0.1 })],
  momentum: [sgd(0.01, { momentum: 0.9, weightDecay: 0.1 }), sgd(0.01, { momentum: 0.9, nesterov: true })],
  rmsprop: [rmsprop(0.01, { rho: 0.8, epsilon: 1e-3, weightDecay: 0.1 })],
  sgd: [sgd(exponentialDecay(0.1, 5, 0.5), { weightDecay: 0.1 })],
};

type Follow = (step: number) => number;
const schedules: Readonly<Record<string, readonly (readonly [ScheduleConfig, Follow])[]>> = {
  constant: [[constantRate(0.1), () => 0.1]],
  cosineDecay: [
    [
      cosineDecay(0.1, 100, { alpha: 0.25 }),
      (step) => 0.1 * (0.75 * 0.5 * (1 + Math.cos((Math.PI * Math.min(step, 100)) / 100)) + 0.25),
    ],
  ],
  exponentialDecay: [
    [exponentialDecay(0.1, 100, 0.5), (step) => 0.1 * 0.5 ** Math.floor(step / 100)],
    [exponentialDecay(0.1, 1000, 0.5, { staircase: false }), (step) => 0.1 * 0.5 ** (step / 1000)],
  ],
  inverseTimeDecay: [
    [inverseTimeDecay(0.1, 100, 0.5), (step) => 0.1 / (1 + (0.5 * step) / 100)],
    [inverseTimeDecay(0.1, 100, 0.5, { staircase: true }), (step) => 0.1 / (1 + 0.5 * Math.floor(step / 100))],
  ],
  oneCycle: [
    [
      oneCycle(0.1, 101, { pctStart: 50 / 101, annealStrategy: "linear", divFactor: 10, finalDivFactor: 100 }),
      (step) => (step <= 49 ? 0.01 + (0.09 * step) / 49 : 0.1 + ((0.0001 - 0.1) * Math.min(step - 49, 51)) / 51),
    ],
  ],
  piecewiseConstantDecay: [
    [
      piecewiseConstantDecay([2, 99, 100], [0.4, 0.3, 0.2, 0.1]),
      (step) => (step <= 2 ? 0.4 : step <= 99 ? 0.3 : step <= 100 ? 0.2 : 0.1),
    ],
  ],
  polynomialDecay: [
    [
      polynomialDecay(0.1, 200, { endLearningRate: 0.02, power: 2 }),
      (step) => 0.08 * (1 - Math.min(step, 200) / 200) ** 2 + 0.02,
    ],
  ],
  // Its falls follow validations, and are tested against PyTorch's in test/reference.
  reduceOnPlateau: [[reduceOnPlateau(0.1), () => 0.1]],
  warmup: [
    [
      warmup(exponentialDecay(0.1, 10, 0.5), 100, { startFactor: 0.25 }),
      (step) => (step < 100 ? 0.1 * (0.25 + (0.75 * step) / 100) : 0.1 * 0.5 ** Math.floor((step - 100) / 10)),
    ],
  ],
  extended: [
    [
      extended(cosineDecay(0.1, 50), 50, cosineDecay(0.1, 200)),
      (step) => 0.05 * (1 + Math.cos(Math.PI * Math.min(1, step / (step < 50 ? 50 : 200)))),
    ],
  ],
};

test("every optimizer and every schedule has a case here", () => {
  expect(without(optimizers, optimizerTypes)).toEqual([]);
  expect(without(schedules, [...scheduleTypes, { type: "warmup" }, { type: "extended" }])).toEqual([]);
});

test("every optimizer and every schedule of a file is in its list", async () => {
  expect(await unlisted("optimizers", optimizerTypes)).toEqual([]);
  expect(await unlisted("optimizers/schedules", scheduleTypes)).toEqual([]);
});

describe.each(Object.entries(optimizers))("%s", (type, cases) => {
  for (const optimizer of cases) {
    test("is of its type", () => expect(optimizer.type).toBe(type));
    const reference = updateOf(optimizer);
    for (const { name, run } of optimizerTests(optimizer, { backends, reference })) test(name, run);
  }
});

describe.each(Object.entries(schedules))("%s", (type, cases) => {
  for (const [schedule, reference] of cases) {
    test("is of its type", () => expect(schedule.type).toBe(type));
    for (const { name, run } of scheduleTests(schedule, { reference })) test(name, run);
  }
});
