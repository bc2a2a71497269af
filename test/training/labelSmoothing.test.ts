import { describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { TrainedModel } from "../../src/evaluation/index.ts";
import { conv2d, dense, dropout, flatten, relu } from "../../src/layers/index.ts";
import { network } from "../../src/model/index.ts";
import { constantRate, sgd } from "../../src/optimizers/index.ts";
import { type TrainOptions, train } from "../../src/training/index.ts";
import { pairs } from "../backends/backends.ts";
import { backendOf, natives } from "../backends/native.ts";
import { bars } from "./data.ts";
import { followTraining } from "./followTraining.ts";

enableRelaxedSimd();
const K = 4;
const N = 12;
const data = bars(N);
const images = { input: [8, 8, 1], classes: [..."ABCD"] } as const;
const all = { batchSize: N, validateEvery: 0, split: { validation: 0, test: 0 } } satisfies TrainOptions;

/** The mean loss of a dense layer over all images, and its weights, in float64. */
function reference(W: Float64Array, bias: Float64Array, smoothing: number, classWeights: readonly number[]): number {
  let sum = 0;
  for (let n = 0; n < N; n++) {
    const logits = Float64Array.from(bias);
    for (let p = 0; p < 64; p++)
      for (let k = 0; k < K; k++) logits[k]! += ((data.images[64 * n + p]! - 127.5) / 255) * W[K * p + k]!;
    const logSum = Math.log(logits.reduce((total, x) => total + Math.exp(x), 0));
    const label = data.labels[n]!;
    for (let k = 0; k < K; k++) {
      const y = (1 - smoothing) * (k === label ? 1 : 0) + smoothing / K;
      sum += (classWeights[label]! * y * (logSum - logits[k]!)) / N;
    }
  }
  return sum;
}

describe("label smoothing", () => {
  const model = network(images, [flatten(), dense(K)]);
  const W = Float32Array.from({ length: 64 * K }, (_, i) => ((i * 37) % 101) / 400 - 0.12);
  const bias = Float32Array.from([0.1, -0.2, 0.05, 0.3]);
  const weights = new Map([
    ["dense_1.kernel", W],
    ["dense_1.bias", bias],
  ]);
  const initFrom = new TrainedModel(model, weights);

  it.each([
    [0.1, [1, 1, 1, 1]],
    [0.3, [2, 0.5, 1, 0]],
    [0, [1, 1, 1, 1]],
  ])(
    "of %s with class weights %j has the loss and the gradient of float64 and of finite differences",
    async (labelSmoothing, classWeights) => {
      const rate = 0.5;
      const options = { ...all, steps: 1, optimizer: sgd(constantRate(rate)), initFrom, labelSmoothing, classWeights };
      const { run, progress } = await followTraining(model, data, options);
      const at = [Float64Array.from(W), Float64Array.from(bias)] as const;
      const loss = () => reference(at[0], at[1], labelSmoothing, classWeights);
      expect(progress[0]!.loss).toBeCloseTo(loss(), 5);
      const after = [...(await run.model()).weights.values()];
      const h = 1e-5;
      for (const [which, values] of at.entries())
        for (let i = 0; i < values.length; i += 3) {
          const x = values[i]!;
          values[i] = x + h;
          const above = loss();
          values[i] = x - h;
          const gradient = (above - loss()) / (2 * h);
          values[i] = x;
          expect((x - after[which]![i]!) / rate).toBeCloseTo(gradient, 5);
        }
    },
  );
});

describe("label smoothing, with dropout, mixup, class weights and gradient accumulation", () => {
  const layers = [conv2d(4, 3), relu(), dropout(0.25), flatten(), dense(K)];
  const plain = network(images, layers);
  const smoothed = network({ ...images, labelSmoothing: 0.1 }, layers);
  const options = {
    ...{ batchSize: 8, steps: 5, validateEvery: 0, optimizer: sgd(0.1), split: { validation: 0, test: 0 } },
    ...{ mixup: 0.3, classWeights: { A: 2 }, gradientAccumulation: 2 },
  } satisfies TrainOptions;
  const trained = async (model: typeof plain, more: TrainOptions = {}) =>
    (await train(model, data, { ...options, ...more }).result()).weightsSha256;

  it("is that of the model, or takes its place", async () => {
    const [without, own] = [await trained(plain), await trained(smoothed)];
    expect(own).not.toBe(without);
    expect(await trained(plain, { labelSmoothing: 0.1 })).toBe(own);
    expect(await trained(smoothed, { labelSmoothing: 0 })).toBe(without);
    expect(await trained(plain, { labelSmoothing: 0 })).toBe(without);
    expect(await trained(smoothed, { labelSmoothing: 0.2 })).not.toBe(own);
  });

  const more = { labelSmoothing: 0.2, steps: 3 };
  it.each(pairs)("gives the same bits in the interpreter and in WebAssembly, %s", async (_name, interpreted, wasm) => {
    expect(await trained(plain, { ...more, backend: interpreted })).toBe(
      await trained(plain, { ...more, backend: wasm }),
    );
  });

  it.each(natives.map((native) => [native.title, native] as const))(
    "gives the same bits with %s",
    async (_title, native) => {
      const backend = backendOf(native);
      expect(await trained(plain, { ...more, backend })).toBe(await trained(plain, { ...more, backend: "wasm" }));
    },
  );

  it("is not part of validation and test", async () => {
    const still = { ...options, steps: 1, optimizer: sgd(constantRate(1e-12)), split: { validation: 0.3, test: 0.3 } };
    const scores = [0, 0.5].map(async (labelSmoothing) => {
      const { validations, progress, result } = await followTraining(plain, data, { ...still, labelSmoothing });
      return { loss: progress[0]!.loss, scores: [validations.map(({ loss }) => loss), result.test.loss] };
    });
    const [without, with_] = await Promise.all(scores);
    expect(with_!.scores).toEqual(without!.scores);
    expect(with_!.loss).not.toBe(without!.loss);
  });

  it.each([1, -0.1, Number.NaN])("of %s is refused", async (labelSmoothing) => {
    await expect(trained(plain, { labelSmoothing })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: `train: labelSmoothing is ${labelSmoothing}, expected a number of at least 0 and below 1`,
    });
  });
});
