import { beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { interpretBackend } from "../../src/backends/interpret/backend.ts";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { philox, purposes, toUnit } from "../../src/base/philox.ts";
import { imagesInMemory } from "../../src/engine/feed.ts";
import { evaluate } from "../../src/evaluation/index.ts";
import { Predictor } from "../../src/evaluation/predictor.ts";
import {
  add,
  batchNormalization,
  conv2d,
  dense,
  depthwiseConv2d,
  flatten,
  globalAveragePool2d,
  type LayerConfig,
  relu,
} from "../../src/layers/index.ts";
import {
  buildGraph,
  foldBatchNormalization,
  initialWeights,
  type Model,
  network,
  type WeightedModel,
} from "../../src/model/index.ts";
import { sgd } from "../../src/optimizers/index.ts";
import { train } from "../../src/training/index.ts";
import { bars } from "../training/data.ts";
import { recipeModel } from "../training/recipeModel.ts";

beforeAll(() => enableRelaxedSimd());
const data = bars(64, { size: 12 });
const spec = { input: data.imageShape, classes: data.classNames };

/** Initial weights, with statistics and other parameters as they might be after training. */
function trained(model: Model) {
  const weights = initialWeights(buildGraph(model, 1, false).weights, 1);
  for (const [k, [name, values]] of [...weights].entries()) {
    const random = (i: number) => toUnit(philox([k, purposes.test], [i, 3, 0, 0])[0]);
    if (/Variance$|gamma$/.test(name)) values.forEach((_, i) => void (values[i] = 0.3 + 2 * random(i)));
    else if (!name.endsWith("kernel")) values.forEach((_, i) => void (values[i] = 2 * random(i) - 1));
  }
  return { model, weights };
}
const types = ({ layers }: Model) => layers.map(({ type }) => type);

/** The logits for some rows of the data. */
async function logitsOf(given: WeightedModel, rows: Uint32Array, backend: Backend): Promise<Float32Array> {
  const predictor = await Predictor.create(given, backend, { batchSize: rows.length, threads: 1 });
  return predictor.logits(imagesInMemory(data.images, 12 * 12), rows);
}

/** Checks that a model is folded, and that both give the same logits within 1e-5 of the largest. */
async function bothWays(model: Model, backends: readonly Backend[] = [wasmBackend()]): Promise<Model> {
  const plain = trained(model);
  const before = new Map([...plain.weights].map(([name, values]) => [name, values.slice()]));
  const folded = foldBatchNormalization(plain);
  expect(plain.weights).toEqual(before);
  const rows = Uint32Array.from({ length: 16 }, (_, i) => i);
  for (const backend of backends) {
    const [want, got] = await Promise.all([plain, folded].map((given) => logitsOf(given, rows, backend)));
    const greatest = Math.max(...want!.map(Math.abs));
    const worst = Math.max(...want!.map((x, i) => Math.abs(x - got![i]!)));
    expect(worst).toBeLessThan(1e-5 * Math.max(1, greatest));
    expect(new Set(want).size).toBeGreaterThan(20);
  }
  return folded.model;
}

describe("batch normalization folded into the layer before it", () => {
  it.each(["fast", "inception", "best"])(
    "gives the same logits for the recipe %s, and leaves no batch normalization",
    async (name) => {
      const model = recipeModel(name, spec);
      expect(types(model)).toContain("batchNormalization");
      expect(types(await bothWays(model))).not.toContain("batchNormalization");
    },
  );

  it("is the same on every back end", async () => {
    const layers = [conv2d(4, 3), batchNormalization(), relu(), flatten(), dense(4)];
    await bothWays(network(spec, layers), [interpretBackend, wasmBackend(), wasmBackend({ fma: false })]);
  });

  const folding: Readonly<Record<string, readonly LayerConfig[]>> = {
    "a convolution with a bias": [conv2d(5, 3), batchNormalization()],
    "one with strides, without a bias": [conv2d(5, 3, { strides: 2, useBias: false }), batchNormalization()],
    "one with groups": [conv2d(4, 3), conv2d(6, 3, { groups: 2 }), batchNormalization()],
    "a depthwise one": [conv2d(3, 3), depthwiseConv2d(3, { depthMultiplier: 2 }), batchNormalization()],
    "a dense layer": [flatten(), dense(6, { useBias: false }), batchNormalization(), relu()],
    "two in a row": [conv2d(5, 3), batchNormalization(), batchNormalization({ epsilon: 0.1 })],
  };
  it.each(Object.entries(folding))("takes in %s", async (_, layers) => {
    const isFlat = layers.some(({ type }) => type === "flatten");
    const model = network(spec, [...layers, ...(isFlat ? [] : [flatten()]), dense(4)]);
    const folded = await bothWays(model);
    expect(types(folded)).toEqual(types(model).filter((type) => type !== "batchNormalization"));
  });

  it("preserves connections in a graph that is not a chain", async () => {
    const model = network(spec, [
      conv2d(4, 3, { name: "a", padding: "same" }),
      conv2d(4, 3, { name: "b", padding: "same", inputs: ["input"] }),
      batchNormalization({ name: "normalA", inputs: ["a"] }),
      relu({ name: "reluA" }),
      batchNormalization({ name: "normalB", inputs: ["b"] }),
      add(["reluA", "normalB"], { name: "sum" }),
      globalAveragePool2d(),
      dense(4),
    ]);
    const folded = await bothWays(model);
    expect(folded.layers.map(({ name, inputs }) => [name, inputs])).toEqual([
      ["a", undefined],
      ["b", ["input"]],
      ["reluA", ["a"]],
      ["sum", ["reluA", "b"]],
      ["globalAveragePool2d_1", undefined],
      ["dense_1", undefined],
    ]);
  });

  const staying: Readonly<Record<string, readonly LayerConfig[]>> = {
    "after a ReLU": [conv2d(4, 3), relu(), batchNormalization()],
    "first of all": [batchNormalization(), conv2d(4, 3)],
    "after a convolution that something else reads, too": [
      conv2d(4, 3, { name: "read" }),
      batchNormalization({ name: "normal" }),
      add(["read", "normal"]),
    ],
  };
  it.each(Object.entries(staying))("leaves one %s", async (_, layers) => {
    const model = network(spec, [...layers, flatten(), dense(4)]);
    expect(await bothWays(model)).toEqual(model);
  });
});

describe("a trained model", () => {
  it("is folded to predict, is evaluated either way, and keeps its weights", async () => {
    const model = network(spec, [conv2d(6, 3), batchNormalization({ momentum: 0.5 }), relu(), flatten(), dense(4)]);
    const run = train(model, data, { batchSize: 8, steps: 40, validateEvery: 0, optimizer: sgd(0.05) });
    const { test } = await run.result();
    const finished = await run.model();
    const before = [...finished.weights].map(([name, values]) => [name, values.slice()]);
    const plain = await evaluate(finished, data);
    const folded = await evaluate(finished, data, { fold: true });
    expect(folded.accuracy).toBe(plain.accuracy);
    expect(folded.loss).toBeCloseTo(plain.loss, 5);
    expect(test.accuracy).toBeGreaterThan(0.5);
    const size = 12 * 12;
    const images = Array.from({ length: 64 }, (_, i) => data.images.subarray(i * size, (i + 1) * size));
    const right = (await finished.predictBatch(images)).filter(
      ({ label }, i) => label === data.classNames[data.labels[i]!],
    );
    expect(right.length / 64).toBe(plain.accuracy);
    expect([...finished.weights]).toEqual(before);
    expect(types(finished.model)).toContain("batchNormalization");
  });
});
