import { describe, expect, it } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { interpretBackend } from "../../src/backends/interpret/backend.ts";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { philox, purposes, toUnit } from "../../src/base/philox.ts";
import { sizeOf } from "../../src/base/shape.ts";
import { Engine } from "../../src/engine/engine.ts";
import { feedImages, imagesInMemory, loadWeights, resultOf, runRows } from "../../src/engine/feed.ts";
import { augmentationProgram, predictionProgram } from "../../src/engine/imagePrograms.ts";
import { Predictor } from "../../src/evaluation/predictor.ts";
import { conv2d } from "../../src/layers/index.ts";
import {
  buildGraph,
  defaultPreprocessing,
  foldBatchNormalization,
  inferenceGraph,
  initialWeights,
  type Model,
  network,
  parseLayers,
  type WeightedModel,
} from "../../src/model/index.ts";
import { shapesOf } from "../../src/ops/graph.ts";
import { bars } from "../training/data.ts";
import { recipeModel } from "../training/recipeModel.ts";

enableRelaxedSimd();
const data = bars(24, { size: 12 });
const size = sizeOf(data.imageShape);
const rows = Uint32Array.from({ length: 19 }, (_, i) => (5 * i) % 24);

/** A recipe's model with weights as they might be after training. */
function trained(name: string): WeightedModel {
  const model = recipeModel(name, { input: data.imageShape, classes: data.classNames });
  const weights = initialWeights(inferenceGraph(model).weights, 1);
  for (const [k, [weight, values]] of [...weights].entries()) {
    const random = (i: number) => toUnit(philox([k, purposes.test], [i, 3, 0, 0])[0]);
    if (/Variance$|gamma$/.test(weight)) values.forEach((_, i) => void (values[i] = 0.3 + 2 * random(i)));
    else if (!weight.endsWith("kernel")) values.forEach((_, i) => void (values[i] = 2 * random(i) - 1));
  }
  return { model, weights };
}

/** The outputs of all layers, by the definitions of the ops, in float64. */
function layersByReference({ model, weights }: WeightedModel): ReadonlyMap<string, Float64Array> {
  const { graph, images, outputs } = buildGraph(model, rows.length, false);
  const values = new Map([...weights].map(([name, weight]) => [name, Float64Array.from(weight)]));
  const pixels = new Float64Array(rows.length * size);
  for (const [i, row] of rows.entries()) pixels.set(data.images.subarray(row * size, (row + 1) * size), i * size);
  values.set(images.name, pixels);
  for (const { op, attrs, inputs, output } of graph.applications) {
    const given = Object.fromEntries(Object.entries(inputs).map(([name, t]) => [name, values.get(t.name)!]));
    const y = new Float64Array(sizeOf(output.shape));
    op.reference(given, shapesOf(inputs), y, output.shape, attrs, { seed: 0, step: 0 });
    values.set(output.name, y);
  }
  return new Map([...outputs].map(([layer, { name }]) => [layer, values.get(name)!]));
}

const reference = (given: WeightedModel): Float64Array =>
  layersByReference(given).get(given.model.layers.at(-1)!.name)!;

async function predicted({ model, weights }: WeightedModel, on: Backend, batchSize = 8): Promise<Float32Array> {
  const program = predictionProgram(model, { batchSize });
  const engine = await Engine.create([program.spec], on);
  loadWeights(engine, program, weights);
  const feed = (some: Uint32Array) =>
    feedImages(engine, program.spec, program.images, imagesInMemory(data.images, size), some);
  const { logits } = await resultOf(runRows(engine, program.spec, { rows, feed, outputs: { logits: program.logits } }));
  return logits;
}

describe("the prediction program", () => {
  it.each(["lenet", "fast", "inception", "best"])(
    "of %s gives the logits of float64 to 1e-5, folded or not",
    async (name) => {
      const plain = trained(name);
      const want = reference(plain);
      const greatest = Math.max(1, ...want.map(Math.abs));
      for (const given of [plain, foldBatchNormalization(plain)]) {
        const got = await predicted(given, wasmBackend());
        expect(Math.max(...got.map((x, i) => Math.abs(x - want[i]!)))).toBeLessThan(1e-5 * greatest);
      }
      expect(new Set(want).size).toBeGreaterThan(20);
    },
  );

  it("gives the same bits on every back end and at every batch size", async () => {
    const folded = foldBatchNormalization(trained("fast"));
    const want = await predicted(folded, interpretBackend);
    expect(await predicted(folded, wasmBackend())).toEqual(want);
    for (const batchSize of [1, 32]) expect(await predicted(folded, wasmBackend(), batchSize)).toEqual(want);
  });

  it("keeps the outputs of all layers that are asked for, as the definitions of the ops say", async () => {
    const given = trained("fast");
    const layers = ["input", ...given.model.layers.map(({ name }) => name)];
    const predictor = await Predictor.create(given, wasmBackend(), { batchSize: 8, threads: 1, layers });
    const found = await predictor.outputs(imagesInMemory(data.images, size), rows);
    const wanted = layersByReference(given);
    expect([...found.layers.keys()]).toEqual([...wanted.keys()]);
    for (const [name, { data: values }] of found.layers) {
      const want = wanted.get(name)!;
      const greatest = Math.max(1, ...want.map(Math.abs));
      expect(values.length, name).toBe(want.length);
      expect(Math.max(...values.map((x, i) => Math.abs(x - want[i]!))), name).toBeLessThan(1e-5 * greatest);
    }
    expect(found.logits).toEqual(await predicted(given, wasmBackend()));
  });

  it("is fed pixels only, and computes neither losses nor statistics", () => {
    const { model } = trained("fast");
    const { spec, images, logits } = predictionProgram(model, { batchSize: 4 });
    expect(spec.perStep).toEqual([images]);
    expect(spec.outputs.map(({ name }) => name)).toEqual([logits.name]);
    expect(spec.updates).toEqual([]);
    const ops = new Set(spec.nodes.map((node) => (node as { op?: { name: string } }).op?.name));
    for (const name of ["softmaxCrossEntropy", "correct", "dropout", "randomAffine"]) expect(ops).not.toContain(name);
  });
});

describe("the inference graph of a model", () => {
  it("is built once per model", () => {
    const { model } = trained("lenet");
    expect(inferenceGraph(model)).toBe(inferenceGraph(model));
    const other: Model = network(model, model.layers);
    expect(inferenceGraph(other)).not.toBe(inferenceGraph(model));
  });
});

describe("the augmentation program", () => {
  it("rejects layers with weights", () => {
    const layers = parseLayers([conv2d(1, 3, { padding: "same" })]);
    const seen = { input: data.imageShape, preprocessing: defaultPreprocessing, layers };
    expect(() => augmentationProgram(seen, { batchSize: 4 })).toThrow(
      /^augment: conv2d_1.kernel is a weight, but augmentation takes layers without weights, such as randomAffine$/,
    );
  });
});
