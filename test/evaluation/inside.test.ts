import { describe, expect, it } from "vitest";
import { interpretBackend } from "../../src/backends/interpret/backend.ts";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { philox, purposes, toUnit } from "../../src/base/philox.ts";
import { classActivationMaps, embeddingMap, TrainedModel } from "../../src/evaluation/index.ts";
import {
  batchNormalization,
  conv2d,
  dense,
  dropout,
  flatten,
  globalAveragePool2d,
  type Layers,
  maxPool2d,
  relu,
} from "../../src/layers/index.ts";
import { inferenceGraph, initialWeights, network, summarize } from "../../src/model/index.ts";
import { bars } from "../training/data.ts";

enableRelaxedSimd();
const data = bars(60, { classes: 3, size: 9 });
const image = (row: number) => data.images.subarray(row * 81, (row + 1) * 81);
const random = (i: number) => toUnit(philox([1, purposes.test], [i, 0, 0, 0])[0]);

/** A network with some weights. */
function trained(layers: Layers, on = wasmBackend()): TrainedModel {
  const model = network({ input: [9, 9, 1], classes: data.classNames }, layers);
  const weights = initialWeights(inferenceGraph(model).weights, 1);
  for (const [name, values] of weights)
    if (!name.endsWith("kernel")) values.forEach((_, i) => void (values[i] = 0.5 + random(i)));
  return new TrainedModel(model, weights, on);
}

const averaging = [
  conv2d(5, 3, { padding: "same", name: "first" }),
  batchNormalization(),
  relu(),
  maxPool2d(2, { padding: "same", name: "pooled" }),
  conv2d(6, 3, { padding: "same" }),
  relu({ name: "last" }),
  globalAveragePool2d({ name: "average" }),
  dropout(0.5, { name: "dropped" }),
  dense(3),
];

describe("activations", () => {
  it("have every layer's output, in the shapes of the summary, the same on every back end", async () => {
    const model = trained(averaging);
    const found = await model.activations(image(0));
    expect([...found].map(([name, { shape }]) => [name, shape])).toEqual(
      summarize(model.model).map(({ name, outputShape }) => [name, outputShape]),
    );
    expect(found).toEqual(await trained(averaging, interpretBackend).activations(image(0)));
    const input = Float32Array.from(image(0), (value) => (value - 127.5) / 255);
    expect([...found.get("input")!.data].map((x, i) => Math.abs(x - input[i]!)).every((d) => d < 1e-6)).toBe(true);
  });

  it("follow from one another: maxima of 2×2, means, and logits", async () => {
    const model = trained(averaging);
    const found = await model.activations(image(4), ["relu_1", "pooled", "last", "average", "dropped", "dense_1"]);
    const values = (name: string) => found.get(name)!.data;
    const at = (y: number, x: number, c: number) => (y < 9 && x < 9 ? values("relu_1")[(y * 9 + x) * 5 + c]! : 0);
    for (const [i, value] of values("pooled").entries()) {
      const [y, x, c] = [2 * Math.floor(i / 25), 2 * (Math.floor(i / 5) % 5), i % 5];
      expect(value).toBe(Math.max(at(y, x, c), at(y + 1, x, c), at(y, x + 1, c), at(y + 1, x + 1, c)));
    }
    for (const [c, mean] of values("average").entries()) {
      const channel = values("last").filter((_, i) => i % 6 === c);
      expect(mean).toBeCloseTo(channel.reduce((a, b) => a + b) / 25, 5);
    }
    expect(values("dropped")).toEqual(values("average"));
    const logits = await model.logits(image(4));
    for (const [k, logit] of values("dense_1").entries()) expect(logit).toBeCloseTo(logits[k]!, 5);
  });

  it("are the same for one image as for many", async () => {
    const model = trained(averaging);
    const many = (await model.layerOutputs(data.images.subarray(0, 40 * 81), ["pooled"])).get("pooled")!;
    expect(many.shape).toEqual([40, 5, 5, 5]);
    const one = (await model.activations(image(37), ["pooled"])).get("pooled")!;
    expect(many.data.subarray(37 * 125, 38 * 125)).toEqual(one.data);
  });

  it("are refused for a layer that is not there", async () => {
    await expect(trained(averaging).activations(image(0), ["poled"])).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(
        /^activations: there is no layer "poled" \(did you mean pooled\?\); the layers are input, first, /,
      ),
    });
  });
});

describe("class activation maps", () => {
  it("are exact after a global average: their mean and the bias are the logit", async () => {
    const model = trained(averaging);
    const rows = [0, 7, 20];
    const pixels = Uint8Array.from(rows.flatMap((row) => [...image(row)]));
    const logits = await model.logits(pixels);
    for (const k of [0, 1, 2]) {
      const maps = await classActivationMaps(
        model,
        pixels,
        rows.map(() => k),
      );
      for (const [i, { method, height, width, values }] of maps.entries()) {
        expect([method, height, width]).toEqual(["cam", 5, 5]);
        const mean = values.reduce((a, b) => a + b) / 25;
        expect(mean + model.weights.get("dense_1.bias")![k]!).toBeCloseTo(logits[3 * i + k]!, 4);
      }
    }
  });

  it("are made by occlusion elsewhere: only what the model looks at speaks for or against a class", async () => {
    const model = trained([flatten(), dense(3)]);
    // Class 0 is seen by the pixels of row 2 alone.
    const kernel = model.weights.get("dense_1.kernel")!.fill(0);
    for (let x = 0; x < 9; x++) kernel[(2 * 9 + x) * 3] = 2;
    const pixels = new Uint8Array(81).fill(10);
    pixels.fill(250, 2 * 9 + 1, 2 * 9 + 8);
    const [map] = await classActivationMaps(model, pixels, [0]);
    expect(map).toMatchObject({ method: "occlusion", height: 9, width: 9 });
    const row = (y: number) => map!.values.subarray(y * 9, y * 9 + 9).reduce((a, b) => a + b);
    expect(row(2)).toBeGreaterThan(0.1);
    expect(row(2)).toBe(Math.max(...Array.from({ length: 9 }, (_, y) => row(y))));
    expect(row(7)).toBe(0);
    expect(await classActivationMaps(model, pixels, [0])).toEqual([map]);
  });

  it("are refused for a class that is not there, and for another number of classes than images", async () => {
    const model = trained(averaging);
    await expect(classActivationMaps(model, image(0), [3])).rejects.toThrow("there is no class 3, expected 0 to 2");
    await expect(classActivationMaps(model, image(0), [])).rejects.toThrow("there are 0 classes for 1 images");
  });
});

describe("the embedding map", () => {
  /** A model that knows the bars: the mean of each row of pixels. */
  const model = trained([flatten(), dense(9), relu(), dense(3)]);
  model.weights
    .get("dense_1.kernel")!
    .fill(0)
    .forEach((_, i, kernel) => {
      if (Math.floor(i / 81) === i % 9) kernel[i] = 1;
    });

  it("is the same every time, in a unit square, with classes apart that the model tells apart", async () => {
    const map = await embeddingMap(model, data);
    expect(map).toEqual(await embeddingMap(model, data));
    expect(map.layer).toBe("relu_1");
    expect(map.rows).toEqual(Uint32Array.from({ length: 60 }, (_, i) => i));
    expect(Math.min(...map.points)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...map.points)).toBeLessThanOrEqual(1);
    const distance = (a: number, b: number) =>
      Math.hypot(map.points[2 * a]! - map.points[2 * b]!, map.points[2 * a + 1]! - map.points[2 * b + 1]!);
    const nearest = (a: number) =>
      [...map.rows].filter((b) => b !== a).reduce((best, b) => (distance(a, b) < distance(a, best) ? b : best));
    const same = [...map.rows].filter((row) => data.labels[row] === data.labels[nearest(row)]);
    expect(same.length).toBeGreaterThan(54);
  });

  it("draws some of many rows, in order, and two or one", async () => {
    const { rows, points } = await embeddingMap(model, data, { most: 20, seed: 2 });
    expect(rows.length).toBe(20);
    expect([...rows]).toEqual([...new Set(rows)].sort((a, b) => a - b));
    expect(points.length).toBe(40);
    expect((await embeddingMap(model, data, { rows: [5, 3] })).points).toEqual(Float32Array.of(0, 0.5, 1, 0.5));
    expect((await embeddingMap(model, data, { rows: [5] })).points).toEqual(Float32Array.of(0.5, 0.5));
  });

  it("projects wide layers to fewer numbers", async () => {
    const wide = trained([conv2d(8, 3), relu(), flatten(), dense(3)]); // 7·7·8 = 392
    const { layer, points } = await embeddingMap(wide, data, { rows: [0, 1, 2, 3, 4, 5] });
    expect(layer).toBe("flatten_1");
    expect(points.every(Number.isFinite)).toBe(true);
  });
});
