import { describe, expect, it } from "vitest";
import { interpretBackend } from "../../src/backends/interpret/backend.ts";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { subset } from "../../src/datasets/index.ts";
import { Engine } from "../../src/engine/engine.ts";
import { feedImages, imagesInMemory } from "../../src/engine/feed.ts";
import { augmentationProgram } from "../../src/engine/imagePrograms.ts";
import {
  batchNormalization,
  conv2d,
  dense,
  dropout,
  flatten,
  gaussianNoise,
  randomAffine,
  relu,
} from "../../src/layers/index.ts";
import { defaultPreprocessing, network } from "../../src/model/index.ts";
import { adam, sgd } from "../../src/optimizers/index.ts";
import { classWeightsOf } from "../../src/training/classWeights.ts";
import { type TrainOptions, train } from "../../src/training/index.ts";
import { bars } from "./data.ts";
import { followTraining } from "./followTraining.ts";

enableRelaxedSimd();
const classes = [..."ABCD"];
const spec = { input: [8, 8, 1], classes, labelSmoothing: 0.1 } as const;
const layers = [
  randomAffine({ shift: 1 }),
  gaussianNoise({ stddev: 0.05 }),
  conv2d(4, 3),
  relu(),
  dropout(0.25),
  flatten(),
  dense(4),
];
const model = network(spec, layers);
const data = bars(100);
const base = {
  batchSize: 24,
  steps: 10,
  validateEvery: 0,
  checkpointEvery: 0,
  optimizer: sgd(0.1),
} satisfies TrainOptions;

async function trained(options: TrainOptions = {}, of = model, on = data) {
  const { run, start, progress, checkpoints, result } = await followTraining(of, on, { ...base, ...options });
  return {
    checkpoints,
    losses: progress.map(({ loss }) => loss),
    identity: start.identity,
    weights: (await run.model()).weights,
    weightsSha256: result.weightsSha256,
  };
}
type Weights = Awaited<ReturnType<typeof trained>>["weights"];

/** The greatest difference of two weights, and the greatest weight. */
function distance(a: Weights, b: Weights) {
  const pairs = [...a].flatMap(([name, values]) => [...values].map((x, i) => [x, b.get(name)![i]!] as const));
  return {
    difference: Math.max(...pairs.map(([x, y]) => Math.abs(x - y))),
    greatest: Math.max(...pairs.map(([x]) => Math.abs(x))),
  };
}

/** P(X ≤ x) for X from Beta(a, a): the integral of uᵃ⁻¹(1 − u)ᵃ⁻¹ by the midpoint rule in v = uᵃ, which has no pole up to ½. */
function betaCdf(x: number, a: number): number {
  if (x > 0.5) return 1 - betaCdf(1 - x, a);
  const steps = 500;
  const integral = (to: number) => {
    const width = to ** a / steps;
    let sum = 0;
    for (let k = 0; k < steps; k++) sum += (1 - ((k + 0.5) * width) ** (1 / a)) ** (a - 1) * width;
    return sum;
  };
  return (0.5 * integral(x)) / integral(0.5);
}

const everything = { mixup: 0.3, classWeights: [1, 2, 0.5, 1] } satisfies TrainOptions;

describe("gradient accumulation", () => {
  it.each([
    ["SGD", { optimizer: sgd(0.1) }],
    ["momentum, clipping and decay", { optimizer: sgd(0.05, { momentum: 0.9, clipNorm: 0.5, weightDecay: 0.01 }) }],
    ["Adam and moving averages", { optimizer: adam(0.01, { averageDecay: 0.5 }) }],
    ["mixup and class weights", everything],
  ])(
    "of 2, 3 or 24 parts is the whole batch but for rounding, dropout and augmentation included: %s",
    async (_, options) => {
      const whole = await trained(options);
      for (const gradientAccumulation of [2, 3, 24]) {
        const parts = await trained({ ...options, gradientAccumulation });
        const { difference, greatest } = distance(parts.weights, whole.weights);
        expect(difference).toBeLessThan(1e-4 * greatest);
        expect(parts.losses.at(-1)).toBeCloseTo(whole.losses.at(-1)!, 3);
        expect(parts.weightsSha256).not.toBe(whole.weightsSha256);
        expect(parts.identity).toEqual({ ...whole.identity, gradientAccumulation });
      }
    },
  );

  it("has the same bits on the interpreter", async () => {
    const options = { ...everything, steps: 2, gradientAccumulation: 3 };
    const { weightsSha256 } = await trained(options);
    expect((await trained({ ...options, backend: interpretBackend })).weightsSha256).toBe(weightsSha256);
  });

  it("may have more parts than a call has steps", async () => {
    const options = { batchSize: 80, steps: 3 };
    const whole = await trained(options);
    const { weights } = await trained({ ...options, gradientAccumulation: 80 });
    const { difference, greatest } = distance(weights, whole.weights);
    expect(difference).toBeLessThan(1e-4 * greatest);
  });

  it("must divide the batch", async () => {
    await expect(trained({ gradientAccumulation: 5 })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: "train: gradientAccumulation is 5, expected a divisor of batchSize, 24",
    });
  });
});

describe("a resume with parts, mixup, class weights and batch normalization", () => {
  const normalized = network(spec, [...layers.slice(0, 3), batchNormalization(), ...layers.slice(3)]);
  const options = { ...everything, gradientAccumulation: 4, optimizer: adam(0.01) };

  it("ends as the undisturbed training, from every checkpoint", async () => {
    const { checkpoints, weightsSha256 } = await trained(options, normalized);
    expect(checkpoints.length).toBeGreaterThan(1);
    for (const resume of checkpoints)
      expect((await trained({ ...options, resume }, normalized)).weightsSha256).toBe(weightsSha256);
  });

  it("is refused where one of them is another", async () => {
    const { checkpoints } = await trained(options, normalized);
    for (const other of [{ gradientAccumulation: 2 }, { mixup: 0.2 }, { classWeights: [1, 1, 1, 2] }])
      await expect(trained({ ...options, ...other, resume: checkpoints[0]! }, normalized)).rejects.toMatchObject({
        code: "INVALID_DATA",
        message: expect.stringContaining(`${Object.keys(other)[0]}`),
      });
  });
});

describe("mixup", () => {
  it("changes what is trained, another alpha otherwise; 0 is none", async () => {
    const hashes = await Promise.all([0.2, 1].map(async (mixup) => (await trained({ mixup })).weightsSha256));
    const plain = await trained();
    expect(new Set([...hashes, plain.weightsSha256]).size).toBe(3);
    expect((await trained({ mixup: 0 })).weightsSha256).toBe(plain.weightsSha256);
  });

  it("draws its ratios from the beta distribution", async () => {
    const pixels = { input: [2, 1, 1], preprocessing: defaultPreprocessing, layers: [] } as const;
    for (const alpha of [0.2, 1, 3]) {
      const { spec, images, others, output } = augmentationProgram(pixels, { batchSize: 64, mixup: alpha });
      const engine = await Engine.create([spec], wasmBackend());
      // A white pixel mixed with a black one shows the ratio.
      const read = imagesInMemory(Uint8Array.from([255, 255, 0, 0]), 2);
      const ratios: number[] = [];
      for (let step = 0; step < 40; step++) {
        feedImages(engine, spec, images, read, new Uint32Array(64));
        feedImages(engine, spec, others!, read, new Uint32Array(64).fill(1));
        await engine.run(spec.name, 1, step, 5);
        const mixed = engine.elements(spec.name, output);
        for (let k = 0; k < 64; k++) ratios.push(mixed[2 * k]! + 0.5);
      }
      const mean = ratios.reduce((a, b) => a + b) / ratios.length;
      const variance = ratios.reduce((sum, r) => sum + (r - mean) ** 2, 0) / ratios.length;
      expect(mean).toBeCloseTo(0.5, 1);
      expect(variance * 4 * (2 * alpha + 1)).toBeCloseTo(1, 0.7);
      expect(ratios.every((r) => r >= 0 && r <= 1)).toBe(true);
      // Kolmogorov and Smirnov's distance, which is below 1.63 / √n in 99 % of samples; the seed is fixed.
      const sorted = ratios.toSorted((a, b) => a - b);
      const distance = Math.max(...sorted.map((r, i) => Math.abs(betaCdf(r, alpha) - (i + 0.5) / sorted.length)));
      expect(distance).toBeLessThan(1.63 / Math.sqrt(sorted.length));
    }
  });

  it("of one image with itself is the image: nothing changes but rounding", async () => {
    const plain = await trained({ batchSize: 1 });
    const { difference, greatest } = distance((await trained({ batchSize: 1, mixup: 1 })).weights, plain.weights);
    expect(difference).toBeLessThan(1e-4 * greatest);
  });

  it.each([-1, Number.NaN])("refuses %d", async (mixup) => {
    await expect(trained({ mixup })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(/^train: mixup is (-1|NaN), expected a/),
    });
  });
});

describe("class weights", () => {
  const labels = [0, 0, 0, 0, 1, 1, 3, 3];

  it.each([
    ["balanced" as const, [0.5, 1, 0, 1]],
    [
      [1, 2, 3, 0],
      [1, 2, 3, 0],
    ],
    [{ B: 2, D: 0 }, [1, 2, 1, 0]],
  ])("%j are a number for each class", (given, expected) => {
    expect(classWeightsOf(given, classes, labels)).toEqual(expected);
  });

  it.each([
    [[1, 2], "has 2 numbers, expected 4"],
    [{ E: 1 }, "names E, which is not a class; the classes are A, B, C, D"],
    [[1, 1, -1, 1], "has -1 for C, expected a number of at least 0"],
    [{ A: "much" }, "has much for A, expected a number of at least 0"],
    ["equal", 'is "equal", expected "balanced", numbers, or numbers by class'],
    [[0, 0, 0, 0], "are all 0, expected at least one above 0"],
  ])("%j are refused", (given, message) => {
    expect(() => classWeightsOf(given as never, classes, labels)).toThrow(`train: classWeights ${message}`);
  });

  it("of 1 change nothing but rounding, and are recorded", async () => {
    const plain = await trained();
    const { weights, identity } = await trained({ classWeights: { A: 1 } });
    expect(distance(weights, plain.weights).difference).toBe(0);
    expect(identity.classWeights).toEqual([1, 1, 1, 1]);
  });

  it("scale the learning rate where all are alike, as in Keras", async () => {
    const { weights } = await trained({ classWeights: [2, 2, 2, 2], optimizer: sgd(0.05) });
    const { difference, greatest } = distance(weights, (await trained()).weights);
    expect(difference).toBeLessThan(1e-5 * greatest);
  });

  it("of 0 leave out a class: as if its images had been left out of the loss's sum", async () => {
    const few = subset(
      data,
      Uint32Array.from({ length: 8 }, (_, i) => i),
    );
    const split = { validation: 0, test: 0 };
    const plainModel = network({ input: [8, 8, 1], classes }, [flatten(), dense(4)]);
    const options = { batchSize: 8, steps: 3, split, optimizer: sgd(0.1) };
    const weighted = await trained({ ...options, classWeights: [1, 1, 0, 0] }, plainModel, few);
    const two = subset(few, Uint32Array.from([0, 1, 4, 5]));
    // Half the images, and half their sum by eight instead of four.
    const without = await trained({ ...options, batchSize: 4, optimizer: sgd(0.05) }, plainModel, two);
    const { difference, greatest } = distance(weighted.weights, without.weights);
    expect(difference).toBeLessThan(1e-5 * greatest);
  });

  it("do not change validation and test losses", async () => {
    const run = train(model, data, { ...base, optimizer: sgd(1e-30), classWeights: [5, 5, 5, 5] });
    const plain = train(model, data, { ...base, optimizer: sgd(1e-30) });
    expect((await run.result()).validation).toEqual((await plain.result()).validation);
  });
});
