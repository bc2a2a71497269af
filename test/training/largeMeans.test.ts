import { describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { TrainedModel } from "../../src/evaluation/index.ts";
import { batchNormalization, conv2d, dense, flatten, relu } from "../../src/layers/index.ts";
import { inferenceGraph, initialWeights, network } from "../../src/model/index.ts";
import { sgd } from "../../src/optimizers/index.ts";
import { train } from "../../src/training/index.ts";
import { bars } from "./data.ts";
import { followTraining } from "./followTraining.ts";

enableRelaxedSimd();
const [N, P, K, EPSILON, MOMENTUM, RATE] = [96, 16, 3, 1e-5, 0.99, 0.1];
const data = bars(N, { classes: K, size: 4 });
const preprocessing = { mean: 127.5, scale: 255 };
const model = network({ input: [4, 4, 1], classes: [..."ABC"], preprocessing }, [
  conv2d(1, 1),
  batchNormalization({ epsilon: EPSILON }),
  relu(),
  flatten(),
  dense(K),
]);
const options = {
  ...{ batchSize: N, steps: 1, validateEvery: 1, optimizer: sgd(RATE), split: { validation: 0, test: 0 } },
};

/** The weights after which the mean of the normalized channel is as many pixel ranges as the bias. */
function weightsWith(bias: number): Map<string, Float32Array> {
  const weights = initialWeights(inferenceGraph(model).weights, 1);
  weights.set("conv2d_1.kernel", Float32Array.of(1));
  weights.set("conv2d_1.bias", Float32Array.of(bias));
  return weights;
}

/** One step in float64: the loss, the weights after it, and how much each of them changed at most. */
function step(bias: number) {
  const kernel = Float64Array.from(weightsWith(bias).get("dense_1.kernel")!);
  const x = Float64Array.from(data.images, (pixel) => (pixel - preprocessing.mean) / preprocessing.scale + bias);
  const average = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const mean = average(x);
  const variance = average(x.map((value) => (value - mean) ** 2));
  const normal = x.map((value) => (value - mean) / Math.sqrt(variance + EPSILON));
  const [dKernel, dBias] = [new Float64Array(P * K), new Float64Array(K)];
  let [loss, dGamma, dBeta] = [0, 0, 0];
  for (let n = 0; n < N; n++) {
    const own = normal.subarray(n * P, (n + 1) * P);
    const logits = Array.from({ length: K }, (_, k) =>
      own.reduce((sum, value, p) => sum + Math.max(value, 0) * kernel[p * K + k]!, 0),
    );
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    loss += (Math.log(total) - logits[data.labels[n]!]!) / N;
    for (const [k, logit] of logits.entries()) {
      const d = (Math.exp(logit) / total - (data.labels[n] === k ? 1 : 0)) / N;
      dBias[k]! += d;
      for (const [p, value] of own.entries()) {
        if (value <= 0) continue;
        dKernel[p * K + k]! += d * value;
        dGamma += d * kernel[p * K + k]! * value;
        dBeta += d * kernel[p * K + k]!;
      }
    }
  }
  // Momentum warms up: it is 1/10 at the first step.
  const decay = Math.min(MOMENTUM, 1 / 10);
  const moving = (before: number, value: number) => decay * before + (1 - decay) * value;
  const after = {
    "batchNormalization_1.gamma": [1 - RATE * dGamma],
    "batchNormalization_1.beta": [-RATE * dBeta],
    "batchNormalization_1.movingMean": [moving(0, mean)],
    "batchNormalization_1.movingVariance": [moving(1, variance)],
    "dense_1.kernel": Array.from(kernel, (value, i) => value - RATE * dKernel[i]!),
    "dense_1.bias": Array.from(dBias, (d) => -RATE * d),
  };
  return { loss, after };
}

describe.each([0, 30, 300, 1000, 3000])("a channel with a mean of %i", (bias) => {
  const initFrom = new TrainedModel(model, weightsWith(bias));

  it("has the loss of float64 within 1e-4 at the first step", async () => {
    const { loss } = step(bias);
    const [first] = (await followTraining(model, data, { ...options, initFrom })).validations;
    expect(Math.abs(first!.minibatchLoss - loss) / loss).toBeLessThan(1e-4);
  });

  it("has its weights and moving averages after a step", async () => {
    const { after } = step(bias);
    const start = weightsWith(bias);
    const { weights } = await train(model, data, { ...options, initFrom }).model();
    for (const [name, wanted] of Object.entries(after)) {
      // By how much each value changes, since the values themselves hide an error of a small gradient.
      const before = start.get(name)!;
      const changes = wanted.map((value, i) => value - before[i]!);
      const size = Math.max(...changes.map(Math.abs));
      const worst = Math.max(...changes.map((change, i) => Math.abs(weights.get(name)![i]! - before[i]! - change)));
      expect(worst / size, name).toBeLessThan(1e-4);
    }
  });
});
