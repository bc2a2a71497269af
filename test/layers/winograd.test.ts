import { describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { imagesInMemory } from "../../src/engine/feed.ts";
import { Predictor } from "../../src/evaluation/predictor.ts";
import { conv2d, dense, flatten, maxPool2d, relu } from "../../src/layers/index.ts";
import { inferenceGraph } from "../../src/model/build.ts";
import { type Model, network, parseModel, withWinograd } from "../../src/model/index.ts";
import { unitValues } from "../../src/testing/values.ts";
import { pairs } from "../backends/backends.ts";
import { trainSteps } from "../engine/session.ts";
import { recipeModel } from "../training/recipeModel.ts";

enableRelaxedSimd();

type Options = NonNullable<Parameters<typeof conv2d>[2]>;
const classes = ["A", "B", "C"];
const modelOf = (
  size: number,
  [filters, kernel, options]: readonly [number, number | readonly [number, number], Options],
) =>
  network({ input: [size, size, 1], classes }, [
    conv2d(8, 3, { padding: "same" }),
    conv2d(filters, kernel, { ...options, name: "conv" }),
    relu(),
    flatten(),
    dense(3),
  ]);
const byWinograd = (model: Model) =>
  parseModel({
    ...model,
    layers: model.layers.map((layer) => (layer.name === "conv" ? { ...layer, algorithm: "winograd" } : layer)),
  });
const algorithms = (model: Model) =>
  Object.fromEntries(model.layers.flatMap((l) => ("algorithm" in l ? [[l.name, l["algorithm"]]] : [])));

describe("a convolution by Winograd's algorithm", () => {
  it.each([
    [9, [8, 3, { padding: "same" }]],
    [8, [16, 5, { padding: "same" }]],
    [7, [5, 3, { padding: "valid" }]],
    [10, [12, 5, { padding: "valid", useBias: false }]],
    [6, [9, [3, 5], { padding: "same" }]],
    [5, [8, 5, { padding: "valid" }]],
    [3, [8, 3, { padding: "valid" }]],
  ] as const)("of images %i wide trains as the direct one does: %j", async (size, convolution) => {
    const model = modelOf(size, convolution);
    const options = { backend: wasmBackend(), calls: [3] };
    const direct = await trainSteps(model, options);
    const winograd = await trainSteps(byWinograd(model), options);
    expect(Object.keys(winograd.weights)).toEqual(Object.keys(direct.weights));
    winograd.losses.forEach((loss, k) => {
      expect(Math.abs(loss - direct.losses[k]!)).toBeLessThan(1e-4 * direct.losses[k]!);
    });
    for (const [name, values] of Object.entries(winograd.weights))
      values.forEach((value, k) => {
        expect(Math.abs(value - direct.weights[name]![k]!), `${name} ${k}`).toBeLessThan(1e-4);
      });
    expect(winograd.weights).not.toEqual(direct.weights);
  });

  it.each(pairs)("has the same bits in the interpreter and in WebAssembly, %s", async (_name, interpreter, wasm) => {
    const model = byWinograd(modelOf(8, [16, 5, { padding: "same" }]));
    const options = { batchSize: 6, calls: [2] };
    const want = await trainSteps(model, { ...options, backend: interpreter });
    expect(await trainSteps(model, { ...options, backend: wasm })).toEqual(want);
  });

  it.each([
    [[8, 3, { strides: 2 }], 'layer conv: conv2d: stride is 2, expected 1 with algorithm "winograd"'],
    [[8, 3, { groups: 2 }], 'layer conv: conv2d: groups is 2, expected 1 with algorithm "winograd"'],
    [[8, [3, 1], {}], 'layer conv: conv2d: kernel size is 1, expected 3 or 5 with algorithm "winograd"'],
  ] as const)("is rejected for unsupported settings: %j", (convolution, message) => {
    expect(() => byWinograd(modelOf(8, convolution))).toThrow(message);
  });

  it("accepts no other name", () => {
    expect(() => conv2d(8, 3, { algorithm: "fft" as "direct" })).toThrow(
      'conv2d: algorithm is "fft", expected "direct" or "winograd"',
    );
  });
});

describe.each(pairs)("a convolution by Winograd's algorithm, %s", (_name, _interpreter, wasm) => {
  it.each([
    [3, "same"],
    [5, "same"],
    [3, "valid"],
    [5, "valid"],
  ] as const)("of %i taps is right to 1e-5 of the sum of the magnitudes, padding %s", async (taps, padding) => {
    const [size, channels, filters] = [9, 3, 5];
    const outputs = padding === "same" ? size : size - taps + 1;
    const before = padding === "same" ? (taps - 1) / 2 : 0;
    const model = network(
      { input: [size, size, channels], classes: Array.from({ length: outputs ** 2 * filters }, (_, k) => `${k}`) },
      [conv2d(filters, taps, { padding, useBias: false, algorithm: "winograd" }), flatten()],
    );
    const kernel = Float32Array.from(unitValues(taps * taps * channels * filters, 1));
    const pixels = Uint8Array.from(unitValues(size * size * channels, 2), (x) => 127.5 + 127 * x);
    const options = { batchSize: 1, threads: 1 };
    const predictor = await Predictor.create({ model, weights: new Map([["conv2d_1.kernel", kernel]]) }, wasm, options);
    const logits = await predictor.logits(imagesInMemory(pixels, pixels.length), [0]);
    for (let k = 0; k < logits.length; k++) {
      const [row, column, o] = [Math.floor(k / filters / outputs), Math.floor(k / filters) % outputs, k % filters];
      let [sum, magnitude] = [0, 0];
      for (let u = 0; u < taps; u++)
        for (let v = 0; v < taps; v++)
          for (let i = 0; i < channels; i++) {
            const [h, w] = [row + u - before, column + v - before];
            if (Math.min(h, w) < 0 || Math.max(h, w) >= size) continue;
            const x = (pixels[(h * size + w) * channels + i]! - 127.5) / 255;
            const term = x * kernel[((u * taps + v) * channels + i) * filters + o]!;
            sum += term;
            magnitude += Math.abs(term);
          }
      expect(Math.abs(logits[k]! - sum), `logit ${k}`).toBeLessThan(1e-5 * magnitude);
    }
  });
});

describe("a kernel that is larger than what it can reach of an image", () => {
  it("is applied directly, so that what meets nothing gets no gradient", () => {
    const options = { padding: "same", algorithm: "winograd", name: "conv" } as const;
    const layers = [conv2d(8, 3, { padding: "same" }), conv2d(8, 5, options), flatten(), dense(3)];
    const opsOf = (size: number) =>
      inferenceGraph(network({ input: [size, size, 1], classes }, layers)).graph.applications.map(({ op }) => op.name);
    expect(opsOf(2)).not.toContain("winogradInput");
    expect(opsOf(3)).toContain("winogradInput");
  });
});

describe("withWinograd", () => {
  const spec = { input: [28, 28, 1] as const, classes };

  it("changes the convolutions of a recipe with enough channels and without strides", () => {
    expect(algorithms(withWinograd(recipeModel("lenet", spec)))).toEqual({
      conv2d_2: "winograd",
      conv2d_3: "winograd",
    });
    const fast = algorithms(withWinograd(recipeModel("fast", spec)));
    expect(fast).toEqual({ conv2d_2: "winograd", conv2d_3: "winograd", conv2d_4: "winograd", conv2d_5: "winograd" });
  });

  it("leaves convolutions unchanged that would not benefit", () => {
    const model = network(spec, [
      conv2d(8, 3, { name: "one_channel" }),
      conv2d(4, 3, { name: "four_filters" }),
      conv2d(16, 7, { name: "large" }),
      conv2d(16, 1, { name: "small" }),
      conv2d(16, 3, { name: "grouped", groups: 2 }),
      conv2d(16, 3, { name: "direct", padding: "same", algorithm: "direct" }),
      maxPool2d(5),
      conv2d(16, 3, { name: "few_outputs" }),
      flatten(),
      dense(3),
    ]);
    expect(withWinograd(model)).toEqual(model);
  });

  it("returns a valid model with the same first loss as the direct one", async () => {
    const model = recipeModel("lenet", { ...spec, input: [12, 12, 1] });
    const options = { backend: wasmBackend(), calls: [1] };
    const [direct, winograd] = [await trainSteps(model, options), await trainSteps(withWinograd(model), options)];
    expect(winograd.losses[0]).toBeCloseTo(direct.losses[0]!, 3);
    // Also in the order of its settings: a run that is resumed reads the model, and has to write the same bytes again.
    expect(JSON.stringify(parseModel(withWinograd(model)))).toBe(JSON.stringify(withWinograd(model)));
  });
});
