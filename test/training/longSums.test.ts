import { expect, it } from "vitest";
import type { Dataset } from "../../src/datasets/index.ts";
import { TrainedModel } from "../../src/evaluation/index.ts";
import { conv2d, dense, flatten, globalAveragePool2d } from "../../src/layers/index.ts";
import { network } from "../../src/model/index.ts";
import { sgd } from "../../src/optimizers/index.ts";
import { train } from "../../src/training/index.ts";

/** The side of an image: a gradient is the sum of a quarter of a million terms, by a single chain wrong by 2e-3. */
const SIDE = 512;

it("gradients of large images lose few digits, even where all terms are equal and so are their errors", async () => {
  // Small whole numbers, whose own sums are exact.
  const images = Uint8Array.from({ length: 2 * SIDE * SIDE }, (_, i) => (7 * i + Math.floor(i / SIDE)) % 4);
  const data: Dataset = {
    ...{ images, labels: Uint16Array.of(0, 1), imageShape: [SIDE, SIDE, 1], classNames: ["A", "B"] },
    ...{ provenance: { source: "sums", description: "sums for tests" }, skipped: [] },
  };
  const model = network({ input: [SIDE, SIDE, 1], classes: ["A", "B"], preprocessing: { mean: 0, scale: 1 } }, [
    conv2d(1, 1),
    globalAveragePool2d(),
    dense(2),
  ]);
  const kernel = [0.3, -0.7];
  const weights = new Map(
    Object.entries({
      "conv2d_1.kernel": [1],
      "conv2d_1.bias": [0],
      "dense_1.kernel": kernel,
      "dense_1.bias": [0, 0],
    }).map(([name, values]) => [name, Float32Array.from(values)] as const),
  );
  const split = { validation: 0, test: 0 };
  const options = { batchSize: 2, steps: 1, optimizer: sgd(1), split, initFrom: new TrainedModel(model, weights) };
  const { weights: after } = await train(model, data, { ...options, backend: "wasm" }).model();

  const pixels = SIDE * SIDE;
  const means = [0, 1].map((n) => images.subarray(n * pixels, (n + 1) * pixels).reduce((a, b) => a + b, 0) / pixels);
  let [dKernel, dBias] = [0, 0];
  for (const [n, mean] of means.entries()) {
    const [a, b] = kernel.map((w) => Math.exp(Math.fround(w) * mean)) as [number, number];
    const p = [a / (a + b), b / (a + b)];
    const d = kernel.reduce((sum, w, k) => sum + (Math.fround(w) * (p[k]! - (n === k ? 1 : 0))) / 2, 0);
    dBias += d;
    dKernel += d * mean;
  }
  expect(Math.abs(after.get("conv2d_1.bias")![0]! / -dBias - 1)).toBeLessThan(2e-5);
  expect(Math.abs((1 - after.get("conv2d_1.kernel")![0]!) / dKernel - 1)).toBeLessThan(2e-5);
});

it("a dense layer over a large image loses few digits", async () => {
  const inputs = SIDE * SIDE + 1;
  const model = network({ input: [1, inputs, 1], classes: ["A", "B"], preprocessing: { mean: 0, scale: 1 } }, [
    flatten(),
    dense(2),
  ]);
  const kernel = new Float32Array(2 * inputs).fill(0.3);
  const weights = { "dense_1.kernel": kernel, "dense_1.bias": Float32Array.of(0.5, 0) };
  const trained = new TrainedModel(model, new Map(Object.entries(weights)));
  const logits = await trained.logits(new Uint8Array(inputs).fill(1));
  const exact = Math.fround(0.3) * inputs;
  expect(Math.abs(logits[0]! / (exact + 0.5) - 1)).toBeLessThan(1e-5);
  expect(Math.abs(logits[1]! / exact - 1)).toBeLessThan(1e-5);
});
