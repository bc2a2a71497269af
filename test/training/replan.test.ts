import { afterEach, describe, expect, it, vi } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { batchNormalization, conv2d, dense, flatten, relu } from "../../src/layers/index.ts";
import { network } from "../../src/model/index.ts";
import {
  constantRate,
  cosineDecay,
  exponentialDecay,
  extended,
  inverseTimeDecay,
  oneCycle,
  piecewiseConstantDecay,
  polynomialDecay,
  reduceOnPlateau,
  type ScheduleConfig,
  sgd,
  warmup,
} from "../../src/optimizers/index.ts";
import { learningRateAt } from "../../src/optimizers/schedules/registry.ts";
import { describeExtension } from "../../src/report/describeExtension.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/runs/checkpointFile.ts";
import { optionsOf, parseTrainingSpec, replan, type TrainingSpec, trainSpec } from "../../src/training/index.ts";
import { Pace } from "../../src/training/pace.ts";
import { bars } from "./data.ts";
import { followTraining } from "./followTraining.ts";

enableRelaxedSimd();
const data = bars(120);
const model = network({ input: [8, 8, 1], classes: [..."ABCD"] }, [
  conv2d(3, 3, { useBias: false }),
  batchNormalization({ momentum: 0.9 }),
  relu(),
  flatten(),
  dense(4),
]);
const FIRST = 20;
const ALL = 50;

const planned = (schedule: ScheduleConfig, steps: number) => ({
  ...{ steps, batchSize: 8, validateEvery: 10, checkpointEvery: 0 },
  optimizer: sgd(schedule, { averageDecay: 0.9 }),
});
const follow = (schedule: ScheduleConfig, steps: number) => followTraining(model, data, planned(schedule, steps));

/** A training of FIRST steps, extended to ALL. */
async function extend(schedule: ScheduleConfig) {
  const { checkpoints, start } = await follow(schedule, FIRST);
  const spec = replan(start.spec, ALL, FIRST);
  const resume = checkpoints.at(-1)!;
  return {
    before: start.spec,
    spec,
    after: await followTraining(model, data, { ...optionsOf(spec), checkpointEvery: 0, resume }),
  };
}

const ofLength: Readonly<Record<string, (steps: number) => ScheduleConfig>> = {
  oneCycle: (steps) => oneCycle(0.1, steps),
  cosineDecay: (steps) => cosineDecay(0.1, steps, { alpha: 0.1 }),
  polynomialDecay: (steps) => polynomialDecay(0.1, steps),
  exponentialDecay: (steps) => exponentialDecay(0.1, steps, 0.1, { staircase: false }),
  inverseTimeDecay: (steps) => inverseTimeDecay(0.1, steps, 3),
  "warmup and cosineDecay": (steps) => warmup(cosineDecay(0.1, steps - 5), 5),
};

describe.each(Object.entries(ofLength))("an extension with %s over all steps", (name, schedule) => {
  it("continues with the rates of a training of the new length, and ends with the same bits again", async () => {
    const { spec, after, before } = await extend(schedule(FIRST));
    const { learningRate } = spec.optimizer;
    for (let step = 0; step < ALL; step++)
      expect(learningRateAt(learningRate, step)).toBe(learningRateAt(schedule(step < FIRST ? FIRST : ALL), step));
    expect(describeExtension(before, spec, FIRST)[0]).toMatch(
      /^The learning rate was planned for 20 steps; from step 20 on it is that of a training of 50 \(0\.0\d+ now\)$/,
    );
    const { weightsSha256 } = after.result;
    const read = parseTrainingSpec(JSON.parse(JSON.stringify(spec)));
    const again = await trainSpec(read, data, { threads: 1 }).result();
    expect(again.weightsSha256).toBe(weightsSha256);
    const middle = after.checkpoints.find(({ step }) => step > FIRST && step < ALL)!;
    const resume = await decodeCheckpoint(await encodeCheckpoint(middle));
    // The slow reference, once.
    const backend = name === "oneCycle" ? "interpret" : "wasm";
    const resumed = await trainSpec(read, data, { backend, resume }).result();
    expect(resumed.weightsSha256).toBe(weightsSha256);
  });
});

const independent: readonly ScheduleConfig[] = [
  constantRate(0.05),
  exponentialDecay(0.1, 7, 0.9),
  exponentialDecay(0.1, FIRST, 0.5),
  exponentialDecay(0.1, 100, 0.9, { staircase: false }),
  inverseTimeDecay(0.1, 3, 0.1),
  piecewiseConstantDecay([10, 30], [0.1, 0.05, 0.01]),
  reduceOnPlateau(0.05, { patience: 0 }),
  cosineDecay(0.1, 10, { alpha: 0.5 }),
  warmup(0.05, 10),
];

it.each(independent)("an extension with %j ends as if planned from the start", async (schedule) => {
  const { after, spec } = await extend(schedule);
  expect(spec.optimizer.learningRate).toEqual(schedule);
  expect(after.result.weightsSha256).toBe((await follow(schedule, ALL)).result.weightsSha256);
});

describe("an extended training", () => {
  const specOf = (schedule: ScheduleConfig, steps: number) =>
    ({ ...planned(schedule, steps), model }) as unknown as TrainingSpec;

  it("may be extended again", () => {
    const twice = replan(replan(specOf(oneCycle(0.1, 20), 20), 50, 20), 80, 50);
    expect(twice.optimizer.learningRate).toEqual(
      extended(extended(oneCycle(0.1, 20), 20, oneCycle(0.1, 50)), 50, oneCycle(0.1, 80)),
    );
  });

  it("gets one change of plan where no step came between two", () => {
    const twice = replan(replan(specOf(oneCycle(0.1, 20), 20), 50, 20), 80, 20);
    expect(twice.optimizer.learningRate).toEqual(extended(oneCycle(0.1, 20), 20, oneCycle(0.1, 80)));
  });

  it("is told where its rate stays, if its schedule has ended", () => {
    const spec = specOf(cosineDecay(0.1, 10, { alpha: 0.5 }), 20);
    expect(describeExtension(spec, replan(spec, 50, 20), 20)).toEqual([
      "The learning rate stays at 0.050: its schedule ended after 10 steps",
    ]);
  });

  it("refuses a checkpoint from after the change that had other rates", async () => {
    const { checkpoints } = await follow(oneCycle(0.1, FIRST), FIRST);
    const optimizer = sgd(extended(oneCycle(0.1, FIRST), 10, oneCycle(0.1, ALL)), { averageDecay: 0.9 });
    const run = followTraining(model, data, {
      ...planned(constantRate(1), ALL),
      optimizer,
      resume: checkpoints.at(-1)!,
    });
    await expect(run).rejects.toMatchObject({ code: "INVALID_DATA" });
  });

  it("refuses schedules that depend on validations", () => {
    expect(() => sgd(extended(reduceOnPlateau(0.1), 5, constantRate(0.1)))).toThrow(/does not depend on validations/);
  });
});

describe("a pace", () => {
  let now = 0;
  afterEach(() => vi.restoreAllMocks());
  const clock = () => vi.spyOn(performance, "now").mockImplementation(() => now);

  it("corrects a plan as the speed turns out, and keeps one that is right", () => {
    clock();
    now = 0;
    const pace = new Pace(0, 104);
    now = 4_000; // the first call takes 4 s, and the warm-up after it is slow as well
    expect(pace.stepsWithin(1, 1000, 2)).toBeUndefined();
    now = 10_000;
    expect(pace.stepsWithin(4, 1000, 2)).toBeUndefined();
    now = 16_500;
    // 5 steps a second since the warm-up; 2 s for the test at the end.
    const planned = 36 + Math.floor(0.98 * 85.5 * 5.0);
    expect(pace.stepsWithin(36, 1000, 2)).toBeGreaterThan(planned - 20);
    now = 29_000;
    expect(pace.stepsWithin(100, planned, 2)).toBeUndefined();
    now = 41_500;
    // Four times as fast, of which more than half is believed.
    const faster = pace.stepsWithin(350, planned, 2)!;
    expect((faster - 350) / (0.98 * 60.5)).toBeGreaterThan(12.5);
    expect((faster - 350) / (0.98 * 60.5)).toBeLessThan(20);
    expect(pace.secondsLeft).toBe(62.5);
  });

  it("never plans less than a step more, nor anything after the last", () => {
    clock();
    now = 20_000;
    const pace = new Pace(0, 10);
    expect(pace.stepsWithin(5, 1000, 0)).toBe(6);
    expect(pace.secondsLeft).toBe(0);
    expect(pace.stepsWithin(6, 6, 0)).toBeUndefined();
  });
});

it("a training with a budget ends in time, and its last plan gives the same weights without one", async () => {
  const options = { ...planned(oneCycle(0.1, 100_000), 100_000), validateEvery: 200, checkpointEvery: 10 };
  const started = performance.now();
  const { events, result } = await followTraining(model, data, { ...options, budget: 3 });
  expect((performance.now() - started) / 1000).toBeLessThan(8);
  for (const event of events) if (event.type === "progress") expect(event.secondsLeft).toBeLessThanOrEqual(3);
  const plans = events.flatMap((event) => (event.type === "plan" ? [event] : []));
  expect(plans.length).toBeGreaterThan(0);
  const { spec, steps } = plans.at(-1)!;
  expect(result.steps).toBe(steps);
  expect(learningRateAt(spec.optimizer.learningRate, steps - 1)).toBeLessThan(1e-5);
  expect((await trainSpec(spec, data).result()).weightsSha256).toBe(result.weightsSha256);
});
