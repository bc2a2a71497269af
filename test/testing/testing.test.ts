import { describe, expect, it } from "vitest";
import { interpretBackend } from "../../src/backends/interpret/backend.ts";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { defineFormat, type Format } from "../../src/formats/format.ts";
import { formats, registerFormat } from "../../src/formats/formats.ts";
import { npz } from "../../src/formats/npz.ts";
import {
  adam,
  batchNormalization,
  constant,
  dense,
  exponentialDecay,
  glorotUniform,
  heNormal,
  maxPool2d,
  type OptimizerConfig,
  relu,
  rmsprop,
  type ScheduleConfig,
  sgd,
  silu,
  warmup,
} from "../../src/index.ts";
import "../../src/setUp.node.ts";
import { defineOptimizer } from "../../src/optimizers/optimizer.ts";
import { registerOptimizer } from "../../src/optimizers/registry.ts";
import { exponentialDecayType } from "../../src/optimizers/schedules/exponentialDecay.ts";
import { registerSchedule } from "../../src/optimizers/schedules/registry.ts";
import { defineSchedule } from "../../src/optimizers/schedules/schedule.ts";
import { sgdType } from "../../src/optimizers/sgd.ts";
import {
  formatTests,
  initializerTests,
  layerTests,
  optimizerTests,
  scheduleTests,
  type Test,
} from "../../src/testing/index.ts";

enableRelaxedSimd();
const backends = [interpretBackend, wasmBackend()];

async function failures(tests: readonly Test[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { name, run } of tests)
    try {
      await run();
    } catch (error) {
      found.push(`${name}: ${(error as Error).message}`);
    }
  return found;
}
const passes = async (tests: readonly Test[]) => expect(await failures(tests)).toEqual([]);
const fails = async (tests: readonly Test[], message: RegExp) =>
  expect((await failures(tests)).join("\n")).toMatch(message);

describe("layers", () => {
  const swish = (x: Float64Array) => x.map((value) => value / (1 + Math.exp(-value)));
  it("pass if they are correct", async () => {
    await passes(layerTests(silu(), { backends, reference: swish }));
    await passes(layerTests(batchNormalization(), { backends }));
    await passes(layerTests(maxPool2d(2), { backends, input: [4, 4, 1] }));
  });

  it("fail if they compute something else", async () => {
    await fails(layerTests(relu(), { backends, reference: swish }), /agrees with its reference on interpret: y: \[/);
    const doubled = (x: Float64Array) => x.map((value) => value * 2);
    await fails(layerTests(dense(2), { backends, reference: doubled }), /rank of x is 4|y has/);
  });
});

describe("optimizers", () => {
  it("pass if they are correct", async () => {
    await passes(
      optimizerTests(sgd(0.1, { weightDecay: 0.01, momentum: 0.9 }), {
        backends,
        reference({ w, dw, scalars, slots, weightDecay }) {
          const velocity = 0.9 * slots["velocity"]! + dw + weightDecay * w;
          return { w: w - scalars["learningRate"]! * velocity, slots: { velocity } };
        },
      }),
    );
    for (const optimizer of [adam(0.01), rmsprop(0.01), sgd(0.1, { averageDecay: 0.9 })])
      await passes(optimizerTests(optimizer, { backends }));
  });

  it("fail if they deviate from their reference, or do not update", async () => {
    const reference = ({ w, dw }: { readonly w: number; readonly dw: number }) => ({ w: w + 0.1 * dw, slots: {} });
    await fails(optimizerTests(sgd(0.1), { backends, reference }), /updates weights on wasm: weights: \[/);
    const idle = defineOptimizer({ ...sgdType, type: "idle" as "sgd", weight: ({ w }) => w });
    registerOptimizer(idle);
    const config: OptimizerConfig = { ...sgd(0.1), type: "idle" };
    await fails(optimizerTests(config, { backends }), /no weight has changed/);
    await fails(optimizerTests(config, { backends }), /survives JSON: idle: type is "idle"/);
  });
});

describe("schedules", () => {
  it("pass if they are correct", async () => {
    const reference = (step: number) => 0.1 * 0.5 ** Math.floor(step / 100);
    await passes(scheduleTests(exponentialDecay(0.1, 100, 0.5), { reference, steps: [0, 1, 99, 100, 101, 250] }));
    await passes(scheduleTests(warmup(0.1, 10), { reference: (step) => (step < 10 ? (0.1 * step) / 10 : 0.1) }));
  });

  it("fail if they deviate from their reference, or depend on the order of steps", async () => {
    const reference = (step: number) => 0.1 * 0.5 ** (step / 100);
    await fails(scheduleTests(exponentialDecay(0.1, 100, 0.5), { reference }), /the rate of step 1 is 0.1, expected/);
    let asked = 0;
    const counting = defineSchedule({
      ...exponentialDecayType,
      type: "counting" as "exponentialDecay",
      at: () => asked++,
    });
    registerSchedule(counting);
    const config: ScheduleConfig = { ...exponentialDecay(0.1, 100, 0.5), type: "counting" };
    await fails(scheduleTests(config), /depends on the order in which rates are computed/);
  });
});

describe("initializers", () => {
  it("pass with their moments", async () => {
    await passes(initializerTests(constant(0.5)));
    await passes(initializerTests(heNormal(), { moments: { mean: 0, stddev: Math.sqrt(2 / 144) } }));
  });

  it("fail with other moments", async () => {
    await fails(initializerTests(glorotUniform(), { moments: { mean: 0, stddev: 1 } }), /the standard deviation is/);
  });
});

describe("formats", () => {
  it.each(formats.map((format) => [format.id, format] as const))("%s passes", async (_, format) => {
    await passes(formatTests(format));
  });

  it("fail if they lose labels, break on damaged files, or match other formats", async () => {
    const faulty = defineFormat({
      ...npz,
      id: "faulty",
      extensions: [".faulty"],
      matches: () => true,
      async open() {
        throw new TypeError("cannot read properties of undefined");
      },
    } as Format);
    registerFormat(faulty);
    const tests = formatTests(faulty);
    await fails(tests, /does not match other formats: it matches a file of the format folder/);
    await fails(formatTests({ ...faulty }), /faulty: call registerFormat first/);
  });

  it.each([
    [{ id: "npz" }, /format "npz" is already registered/],
    [{ id: "New" }, /its id must begin with a small letter/],
    [{ id: "new", extensions: [".npz"] }, /files whose names end in .npz are saved as npz/],
  ])("are not registered as %j", (changes, message) => {
    expect(() => registerFormat({ ...npz, extensions: [], ...changes })).toThrow(message);
  });
});
