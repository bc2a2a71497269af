import { beforeAll, describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { Engine } from "../../src/engine/engine.ts";
import { feed, inMemory } from "../../src/engine/feed.ts";
import { trainingProgram } from "../../src/engine/programs.ts";
import { startFrom } from "../../src/engine/session.ts";
import {
  add,
  averagePool2d,
  batchNormalization,
  concatenate,
  conv2d,
  dense,
  depthwiseConv2d,
  gelu,
  globalAveragePool2d,
  inception,
  type LayerConfig,
  leakyRelu,
  residual,
  sigmoid,
  silu,
  softmax,
  spatialDropout2d,
  tanh,
} from "../../src/layers/index.ts";
import { buildGraph, initialWeights, type Model, network, parseModel } from "../../src/model/index.ts";
import { sgd } from "../../src/optimizers/index.ts";

type Layers = readonly (LayerConfig | readonly LayerConfig[])[];
const modelOf = (layers: Layers, input: readonly [number, number, number] = [8, 8, 2]): Model =>
  network({ input, classes: ["a", "b", "c"] }, layers);
const end = [globalAveragePool2d(), dense(3)];
const shapeOf = (model: Model, layer: string) => buildGraph(model, 1, false).outputs.get(layer)!.shape;
const parametersOf = (model: Model) =>
  Object.fromEntries(buildGraph(model, 1, false).parameters.map((p) => [p.tensor.name, p.tensor.shape]));

describe("inception", () => {
  it("names its convolutions as it is told", () => {
    const convolutionNames = { "1x1": "one", "3x3Reduce": "before", "3x3": "three", "5x5": "five", pool: "pooled" };
    const block = inception({ filters: [1, 1, 1, 1], reduce: [1, 1], convolutionNames });
    const named = block.filter(({ type, name }) => type === "conv2d" && name !== undefined).map(({ name }) => name);
    expect(named).toEqual(["one", "before", "three", "five", "pooled"]);
  });

  it("concatenates four branches that read the same input", () => {
    const model = modelOf([conv2d(6, 3), inception({ filters: [4, 5, 6, 7] }), ...end]);
    expect(shapeOf(model, "inception")).toEqual([1, 6, 6, 4 + 5 + 6 + 7]);
    const kernels = Object.values(parametersOf(model)).filter((shape) => shape.length === 4);
    expect(kernels.slice(1)).toEqual([
      [1, 1, 6, 4],
      [3, 3, 6, 5],
      [5, 5, 6, 6],
      [1, 1, 6, 7],
    ]);
  });

  it("supports reductions before the larger kernels, average pooling, and layers after each convolution", () => {
    const after = () => [batchNormalization(), silu()];
    const block = inception({ filters: [4, 4, 4, 4], reduce: [2, 3], pool: "average", after, name: "mixed" });
    const types = block.map((layer) => layer.type);
    const convolution = ["conv2d", "batchNormalization", "silu"];
    expect(types).toEqual([
      "identity",
      ...convolution,
      ...convolution,
      ...convolution,
      ...convolution,
      ...convolution,
      "averagePool2d",
      ...convolution,
      "concatenate",
    ]);
    expect(shapeOf(modelOf([block, ...end]), "mixed")).toEqual([1, 8, 8, 16]);
  });

  it("can be used twice in a network under two names", () => {
    const filters = [1, 1, 1, 1] as const;
    expect(() => modelOf([inception({ filters }), inception({ filters, name: "second" }), ...end])).not.toThrow();
    expect(() => modelOf([inception({ filters }), inception({ filters }), ...end])).toThrow(
      "two layers are named inception_input; names must differ",
    );
  });

  it("survives JSON", () => {
    const model = modelOf([inception({ filters: [1, 2, 3, 4] }), ...end]);
    expect(parseModel(JSON.parse(JSON.stringify(model)))).toEqual(model);
  });
});

describe("residual", () => {
  it("adds its input to its layers' output", () => {
    const block = residual([conv2d(2, 3, { padding: "same" }), tanh()]);
    expect(block.map(({ type, name, inputs }) => [type, name, inputs])).toEqual([
      ["identity", "residual_input", undefined],
      ["conv2d", undefined, ["residual_input"]],
      ["tanh", "residual_layers", undefined],
      ["add", "residual", ["residual_input", "residual_layers"]],
    ]);
    expect(shapeOf(modelOf([block, ...end]), "residual")).toEqual([1, 8, 8, 2]);
  });

  it("supports layers in the shortcut, and blocks inside blocks", () => {
    const inner = residual([conv2d(4, 1)], { name: "inner" });
    const block = residual([conv2d(4, 3, { padding: "same", strides: 2 }), inner], {
      shortcut: [conv2d(4, 1, { strides: 2 })],
    });
    expect(shapeOf(modelOf([block, ...end]), "residual")).toEqual([1, 4, 4, 4]);
    expect(block.at(-1)).toMatchObject({ inputs: ["residual_shortcut", "inner"] });
  });

  it("names the layer in which shapes differ", () => {
    expect(() => modelOf([residual([conv2d(3, 1)]), ...end])).toThrow(
      "layer residual: add: shape of b is (1, 8, 8, 3), expected (1, 8, 8, 2)",
    );
  });
});

describe("layers", () => {
  it("have Keras' defaults", () => {
    expect(leakyRelu()).toEqual({ type: "leakyRelu", negativeSlope: 0.3 });
    expect(averagePool2d()).toEqual({ type: "averagePool2d", poolSize: [2, 2], padding: "valid" });
    expect(depthwiseConv2d(3)).toMatchObject({ strides: [1, 1], padding: "valid", depthMultiplier: 1, useBias: true });
    expect(spatialDropout2d(0.25)).toEqual({ type: "spatialDropout2d", keepProbability: 0.75 });
    expect(spatialDropout2d({ rate: 0.25 })).toEqual(spatialDropout2d(0.25));
  });

  it("convolve in groups, down to one channel", () => {
    const model = modelOf([conv2d(6, 3, { groups: 2 }), depthwiseConv2d([3, 2], { depthMultiplier: 2 }), ...end]);
    expect(parametersOf(model)).toMatchObject({
      "conv2d_1.kernel": [3, 3, 1, 6],
      "depthwiseConv2d_1.kernel": [3, 2, 1, 12],
      "depthwiseConv2d_1.bias": [12],
    });
    expect(() => modelOf([conv2d(6, 3, { groups: 3 }), ...end])).toThrow(
      "layer conv2d_1: conv2d: groups is 3, expected a divisor of the 2 input channels",
    );
  });

  it("concatenate channels of several layers", () => {
    const named = ["a", "b", "c"].map((name, k) => conv2d(k + 1, 1, { name, inputs: ["input"] }));
    const model = modelOf([...named, concatenate(["a", "b", "c", "input"], { name: "all" }), ...end]);
    expect(shapeOf(model, "all")).toEqual([1, 8, 8, 1 + 2 + 3 + 2]);
    expect(() => modelOf([conv2d(1, 1, { name: "a" }), concatenate(["a"]), ...end])).toThrow(
      'layer concatenate_1: concatenate: has 1 input, expected at least 2; name them: concatenate(["a", "b"])',
    );
    const strided = conv2d(1, 1, { name: "b", strides: 2, inputs: ["input"] });
    expect(() => modelOf([conv2d(1, 1, { name: "a" }), strided, concatenate(["a", "b"]), ...end])).toThrow(
      "layer concatenate_1: concatenate: shape of b is (1, 4, 4, 1), expected (1, 8, 8, 1) except for the channels",
    );
  });

  it.each([
    [() => leakyRelu({ negativeSlope: -1 }), "leakyRelu: negativeSlope is -1, expected a number of at least 0"],
    [() => conv2d(4, 3, { groups: 0 }), "conv2d: groups is 0, expected a whole number of at least 1"],
    [
      () => depthwiseConv2d(3, { depthMultiplier: 0.5 }),
      "depthwiseConv2d: depthMultiplier is 0.5, expected a whole number of at least 1",
    ],
    [() => averagePool2d(0), "averagePool2d: poolSize is 0, expected a whole number of at least 1"],
    [() => spatialDropout2d({ rate: 1 }), "spatialDropout2d: rate is 1, expected a number of at least 0 and below 1"],
  ])("%s is refused", (call, message) => {
    expect(call).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) }),
    );
  });
});

describe("a network of all of them", () => {
  const after = () => [batchNormalization(), leakyRelu()];
  const gate = [conv2d(8, 1, { name: "gate", inputs: ["mixed"] }), sigmoid({ name: "open" })];
  const model = modelOf([
    conv2d(4, 3, { padding: "same" }),
    gelu(),
    inception({ filters: [2, 2, 2, 2], after, name: "mixed" }),
    ...gate,
    softmax({ name: "shares", inputs: ["mixed"] }),
    add(["mixed", "open", "shares"]),
    averagePool2d(),
    residual([depthwiseConv2d(3, { padding: "same" }), tanh(), conv2d(8, 1, { groups: 2 }), silu()]),
    spatialDropout2d({ rate: 0.2 }),
    ...end,
  ]);
  const [batch, steps] = [6, 150];
  let losses: readonly number[] = [];

  beforeAll(async () => {
    enableRelaxedSimd();
    const program = trainingProgram(model, { batchSize: batch, optimizer: sgd(0.1), steps });
    const engine = await Engine.create([program.spec], wasmBackend());
    const images = Uint8Array.from({ length: batch * 128 }, (_, i) => (37 * i + ((i * i) % 91)) % 256);
    startFrom(engine, program, initialWeights(program.weights, 1));
    const rows = Uint32Array.from({ length: steps * batch }, (_, i) => i % batch);
    feed(engine, program, inMemory(images, [0, 1, 2, 0, 1, 2]), rows);
    engine.elements("train", program.scalars).fill(0.1);
    await engine.run("train", steps);
    losses = [...engine.elements("train", program.loss)];
  });

  it("learns six images", () => {
    expect(losses[0]).toBeCloseTo(Math.log(3), 0);
    expect(losses.at(-1)).toBeLessThan(0.3 * losses[0]!);
  });
});
