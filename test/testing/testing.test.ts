import { describe, expect, it } from "vitest";
import { interpretBackend } from "../../src/backends/interpret/backend.ts";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import type { Dataset } from "../../src/datasets/dataset.ts";
import { defineFormat, type Format } from "../../src/formats/format.ts";
import { formats, isSaved, registerFormat } from "../../src/formats/formats.ts";
import { npz } from "../../src/formats/npz.ts";
import type { Source } from "../../src/formats/platform.ts";
import {
  adam,
  batchNormalization,
  constant,
  dense,
  exponentialDecay,
  flatten,
  glorotUniform,
  heNormal,
  maxPool2d,
  network,
  type OptimizerConfig,
  relu,
  rmsprop,
  type ScheduleConfig,
  sgd,
  silu,
  warmup,
} from "../../src/index.ts";
import { defineLayer, layerSchema } from "../../src/layers/layer.ts";
import { registerLayer } from "../../src/layers/registry.ts";
import { silu as siluOp } from "../../src/ops/silu.ts";
import { updateOf } from "../optimizers/updates.ts";
import "../../src/setUp.node.ts";
import { defineOptimizer, type OptimizerType } from "../../src/optimizers/optimizer.ts";
import { registerOptimizer } from "../../src/optimizers/registry.ts";
import { exponentialDecayType } from "../../src/optimizers/schedules/exponentialDecay.ts";
import { registerSchedule } from "../../src/optimizers/schedules/registry.ts";
import { defineSchedule } from "../../src/optimizers/schedules/schedule.ts";
import { optimizerSchema } from "../../src/optimizers/settings.ts";
import { momentumType, sgdType } from "../../src/optimizers/sgd.ts";
import {
  formatTests,
  initializerTests,
  layerTests,
  optimizerTests,
  scheduleTests,
  type Test,
  trainingTests,
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
    await fails(
      layerTests(relu(), { backends, reference: swish }),
      /agrees with its reference on interpret: .*: y: \[/,
    );
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
          return { w: w - scalars.learningRate * velocity, slots: { velocity } };
        },
      }),
    );
    for (const optimizer of [adam(0.01), rmsprop(0.01), sgd(0.1, { averageDecay: 0.9 })])
      await passes(optimizerTests(optimizer, { backends }));
  });

  it("fail if they deviate from their reference, or do not update", async () => {
    const reference = ({ w, dw }: { readonly w: number; readonly dw: number }) => ({ w: w + 0.1 * dw, slots: {} });
    await fails(optimizerTests(sgd(0.1), { backends, reference }), /updates weights on wasm: .*: weights: \[/);
    const idle = defineOptimizer({ ...sgdType, type: "idle" as "sgd", weight: ({ w }) => w });
    registerOptimizer(idle);
    const config: OptimizerConfig = { ...sgd(0.1), type: "idle" };
    await fails(optimizerTests(config, { backends }), /no weight has changed/);
    await fails(optimizerTests(config, { backends }), /survives JSON: .*: idle: type is "idle", expected "sgd"/);
  });
});

describe("trainings", () => {
  const spec = { input: [3, 3, 1], classes: ["a", "b"] } as const;

  it("pass if they are correct, on all back ends", async () => {
    const layers = [flatten(), dense(4), batchNormalization(), silu(), dense(2)];
    const optimizer = sgd(0.1, { momentum: 0.5, clipNorm: 0.1, averageDecay: 0.9 });
    await passes(
      trainingTests(network(spec, layers), { optimizer, update: updateOf(optimizer), mixup: 0.4, backends }),
    );
  });

  it("fail for a wrong gradient, and for a wrong update", async () => {
    const wrong = { ...siluOp, backward: { x: "identity" } } as const;
    const schema = layerSchema("wrongSlope", {});
    registerLayer(
      defineLayer({ type: "wrongSlope", schema, build: (builder, [x]) => builder.apply(wrong, { x }, {}) }),
    );
    const model = network(spec, [flatten(), dense(4), { type: "wrongSlope" }, dense(2)]);
    await fails(
      trainingTests(model, { backends: [] }),
      /step 0: the slope of the loss along random directions is -?[\d.]+, expected/,
    );
    const update = updateOf(sgd(0.1));
    await fails(
      trainingTests(network(spec, [flatten(), dense(2)]), {
        optimizer: sgd(0.1, { weightDecay: 0.1, weightDecayMask: "all" }),
        update: (terms) => update({ ...terms, weightDecay: 0 }),
        backends: [],
      }),
      /step 0: dense_1.kernel: \[/,
    );
  });
});

describe("records that are not registered", () => {
  it("are said to be that, in every test of theirs", async () => {
    const lists = [
      ["registerLayer", layerTests({ type: "strange" }, { backends })],
      ["registerOptimizer", optimizerTests({ ...sgd(0.1), type: "strange" } as OptimizerConfig, { backends })],
      ["registerSchedule", scheduleTests({ type: "strange" })],
      ["registerInitializer", initializerTests({ type: "strange" })],
    ] as const;
    for (const [register, tests] of lists)
      expect(await failures(tests)).toEqual(
        tests.map(({ name }) => `${name}: strange is not registered: call ${register} first`),
      );
  });
});

describe("two records of one type with different settings", () => {
  it("have tests of different names", () => {
    const names = [0.1, 0.2].flatMap((rate) => optimizerTests(sgd(rate), { backends }).map(({ name }) => name));
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("optimizers that name what they do not have", () => {
  const config = (type: string): OptimizerConfig => ({ ...sgd(0.1), type });
  const define = (type: string, changes: Pick<OptimizerType, "weight"> | Pick<OptimizerType, "slots" | "weight">) => {
    const schema = optimizerSchema(type, {});
    const scalars: OptimizerType["scalars"] = (_config, _step, learningRate) => ({ learningRate });
    registerOptimizer(defineOptimizer({ type, schema, scalars, slots: {}, ...changes }));
  };

  it("fail naming the optimizer, the name, and what there is", async () => {
    define("wrongSlot", { slots: { velocity: ({ dw }) => dw }, weight: ({ next }) => next["velocty"]! });
    await fails(
      optimizerTests(config("wrongSlot"), { backends }),
      /optimizer wrongSlot: there is no slot velocty; its slots are: velocity/,
    );
    define("wrongScalar", { weight: ({ scalars }) => scalars["rate"]! });
    await fails(
      optimizerTests(config("wrongScalar"), { backends }),
      /optimizer wrongScalar: there is no scalar rate; its scalars are: learningRate/,
    );
  });
});

describe("an optimizer", () => {
  it.each(["average", "gradient", "weight", "m-1", ""])("cannot have a slot named %j", (slot) => {
    const type = `with ${slot}`;
    const record = { ...momentumType, type: type as "momentum", slots: { [slot]: momentumType.slots["velocity"]! } };
    const message = expect.stringContaining(`a slot cannot be named ${JSON.stringify(slot)}`);
    expect(() => registerOptimizer(record)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message }));
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
  it.each(formats.filter(isSaved).map((format) => [format.id, format] as const))("%s passes", async (_, format) => {
    await passes(formatTests(format));
  });

  it.each([
    [
      "a pixel",
      ({ images }: Dataset) => ({ images: images.map((x, i) => (i === 35 ? x + 1 : x)) }),
      /image 1, of class A: none that was opened has its pixels; in image 1, \[1,0,0\] is \d+, expected \d+/,
    ],
    [
      "a label",
      ({ labels }: Dataset) => ({ labels: labels.map((x, i) => (i === 2 ? 1 : x)) }),
      /image 2 was opened as class B, expected A/,
    ],
    [
      "a name",
      () => ({ classNames: ["A", "b", "C"] }),
      /classNames that was opened is \["A","C","b"\], expected \["A","B","C"\]/,
    ],
  ] as const)("fail if they change %s, saying where", async (what, change, message) => {
    const id = `changed-${what.slice(2)}`;
    const changing = defineFormat({
      id,
      name: "JSON",
      extensions: [`.${id}`],
      matches: ({ name }) => name.endsWith(id),
      async open(source: Source) {
        const { images, labels, ...rest } = JSON.parse(new TextDecoder().decode(await source.bytes()).slice(1));
        const saved: Dataset = { images: Uint8Array.from(images), labels: Uint16Array.from(labels), ...rest };
        return { ...saved, ...change(saved) };
      },
      encode({ images, labels, ...rest }, name) {
        const text = `~${JSON.stringify({ images: [...images], labels: [...labels], ...rest })}`;
        return [{ name, contents: [new TextEncoder().encode(text)] }];
      },
    });
    registerFormat(changing);
    await fails(formatTests(changing), message);
  });

  it("fail if they lose labels, break on damaged files, or match other formats", async () => {
    const faulty = defineFormat({
      ...npz,
      id: "faulty",
      extensions: [".faulty"],
      matches: () => true,
      async open() {
        throw new RangeError("Offset is outside the bounds of the DataView");
      },
    } as Format);
    registerFormat(faulty);
    const tests = formatTests(faulty);
    await fails(tests, /does not match other formats: it matches a file of the format folder/);
    const opening =
      /set.faulty, cut after 0 bytes: opening it threw RangeError: Offset.*; expected an InklingError: check sizes/;
    await fails(tests, opening);
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
