import { afterAll, describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { TrainedModel } from "../../src/evaluation/index.ts";
import { batchNormalization, conv2d, dense, flatten, relu } from "../../src/layers/index.ts";
import { inferenceGraph, initialWeights, network } from "../../src/model/index.ts";
import { sgd } from "../../src/optimizers/index.ts";
import { train } from "../../src/training/index.ts";
import { bars } from "./data.ts";

/**
 * A channel whose mean is many of its deviations, where a variance of E[x²] − E[x]² has no digits left.
 * `INKLING_TABLE=1 npx vitest run test/training/largeMeans.test.ts` prints how far from float64 both are.
 */
const isTable = process.env["INKLING_TABLE"] !== undefined;
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

type Moments = (x: Float64Array) => { readonly mean: number; readonly variance: number };

const average = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
const exact: Moments = (x) => {
  const mean = average(x);
  return { mean, variance: average(x.map((value) => (value - mean) ** 2)) };
};
/** The mean, and the variance as E[x²] − E[x]², of sums in float32: of eight groups, as those of an engine. */
const onePass: Moments = (x) => {
  const f = Math.fround;
  const sumOf = (term: (value: number) => number) => {
    const groups = Array.from({ length: 8 }, (_, g) => x.subarray((g * x.length) / 8, ((g + 1) * x.length) / 8));
    return groups.map((own) => own.reduce((sum, value) => f(sum + term(value)), 0)).reduce((a, b) => f(a + b));
  };
  const mean = f(sumOf((value) => value) / x.length);
  return { mean, variance: Math.max(0, f(f(sumOf((value) => value * value) / x.length) - f(mean * mean))) };
};

/** One step in float64, apart from the moments: the loss, and the weights and states after it. */
function step(bias: number, moments = exact) {
  const kernel = Float64Array.from(weightsWith(bias).get("dense_1.kernel")!);
  const x = Float64Array.from(data.images, (pixel) => (pixel - preprocessing.mean) / preprocessing.scale + bias);
  const { mean, variance } = moments(x);
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

type State = Readonly<Record<string, ArrayLike<number>>>;

/** The error of each weight and state: of how much it changes, since a value itself would hide that of a small gradient. */
function errorsOf(after: State, wanted: State, bias: number): Readonly<Record<string, number>> {
  const start = weightsWith(bias);
  const errors = Object.entries(wanted).map(([name, values]) => {
    const before = start.get(name)!;
    const changes = Array.from(values, (value, i) => value - before[i]!);
    const size = Math.max(...changes.map(Math.abs));
    return [name, Math.max(...changes.map((change, i) => Math.abs(after[name]![i]! - before[i]! - change))) / size];
  });
  return Object.fromEntries(errors);
}

const relative = (got: number, wanted: number) => Math.abs(got - wanted) / wanted;
const rows: string[] = [];
afterAll(() => {
  if (isTable)
    console.info(
      ["R; error of E[x²] − E[x]²: loss, gradients; of batchNormalization: loss, gradients", ...rows].join("\n"),
    );
});

describe.each([0, 30, 300, 1000, 3000])("a channel with a mean of %i", (bias) => {
  const initFrom = new TrainedModel(model, weightsWith(bias));

  it("has the loss of float64 at the first step, and its weights and moving averages, within 1e-4", async () => {
    const { loss, after } = step(bias);
    const run = train(model, data, { ...options, initFrom });
    let found = Number.NaN;
    for await (const event of run)
      if (event.type === "validation" && event.step === 0) found = relative(event.minibatchLoss, loss);
    const errors = errorsOf(Object.fromEntries((await run.model()).weights), after, bias);
    if (isTable) {
      const before = step(bias, onePass);
      const worst = [errorsOf(before.after, after, bias), errors].map((all) => Math.max(...Object.values(all)));
      const shown = [relative(before.loss, loss), worst[0]!, found, worst[1]!].map((error) => error.toExponential(1));
      rows.push([bias, ...shown].join("  "));
    }
    expect(found).toBeLessThan(1e-4);
    for (const [name, error] of Object.entries(errors)) expect(error, name).toBeLessThan(1e-4);
  });
});
