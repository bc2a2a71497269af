import { describe, expect, it } from "vitest";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { InklingError } from "../../src/base/error.ts";
import {
  add,
  batchNormalization,
  constant,
  conv2d,
  dense,
  dropout,
  flatten,
  type LayerConfig,
  maxPool2d,
  relu,
} from "../../src/layers/index.ts";
import { defineLayer, type LayerType, layerSchema } from "../../src/layers/layer.ts";
import { registerLayer } from "../../src/layers/registry.ts";
import {
  buildGraph,
  formatSummary,
  initialWeights,
  listWeights,
  type Model,
  network,
  parseModel,
  summarize,
} from "../../src/model/index.ts";
import { ops } from "../../src/ops/index.ts";
import { trainSteps } from "../engine/session.ts";
import { recipeModel } from "../training/recipeModel.ts";

const spec = { input: [8, 8, 1], classes: ["A", "B"] } as const;
const seed = recipeModel("lenet", { input: [28, 28, 1], classes: [..."ABCDEFGHIJ"] });
const small = network(spec, [flatten(), dense(2)]);

describe("a network", () => {
  it("lists its weights by name, shape and kind", () => {
    const layers = [conv2d(3, 3, { useBias: false }), batchNormalization(), flatten(), dense(2)];
    expect(listWeights(network(spec, layers))).toEqual([
      { name: "conv2d_1.kernel", shape: [3, 3, 1, 3], kind: "parameter" },
      { name: "batchNormalization_1.gamma", shape: [3], kind: "parameter" },
      { name: "batchNormalization_1.beta", shape: [3], kind: "parameter" },
      { name: "dense_1.kernel", shape: [108, 2], kind: "parameter" },
      { name: "dense_1.bias", shape: [2], kind: "parameter" },
      { name: "batchNormalization_1.movingMean", shape: [3], kind: "state" },
      { name: "batchNormalization_1.movingVariance", shape: [3], kind: "state" },
    ]);
  });

  it("has no layer that none reads, unless a file has it", () => {
    const layers = [flatten(), relu({ name: "lost" }), dense(2, { inputs: ["flatten_1"] })];
    expect(() => network(spec, layers)).toThrow("layer lost: no layer reads it, so it would be computed for nothing");
    expect(parseModel({ formatVersion: 1, ...spec, layers }).layers).toHaveLength(3);
  });

  it("is plain data that survives JSON", () => {
    expect(parseModel(JSON.parse(JSON.stringify(seed)))).toEqual(seed);
    expect(seed).toMatchObject({ formatVersion: 1, input: [28, 28, 1], preprocessing: { mean: 127.5, scale: 255 } });
  });

  it("names layers by type and number, and keeps given names", () => {
    const model = network(spec, [conv2d(2, 3), [relu(), conv2d(2, 3, { name: "last" })], relu(), flatten(), dense(2)]);
    expect(model.layers.map((layer) => layer.name)).toEqual([
      "conv2d_1",
      "relu_1",
      "last",
      "relu_2",
      "flatten_1",
      "dense_1",
    ]);
  });

  it("has parameters named after their layers, in order, with separate streams", () => {
    const { parameters, weights } = buildGraph(
      network(spec, [conv2d(3, 2, { name: "a" }), flatten(), dense(2, { useBias: false })]),
      1,
      true,
    );
    expect(parameters.map(({ tensor }) => [tensor.name, tensor.shape])).toEqual([
      ["a.kernel", [2, 2, 1, 3]],
      ["a.bias", [3]],
      ["dense_1.kernel", [147, 2]],
    ]);
    const values = initialWeights(weights, 1);
    expect([...values.keys()]).toEqual(["a.kernel", "a.bias", "dense_1.kernel"]);
    expect(values.get("a.kernel")![0]! / Math.sqrt(6 / 16)).not.toBeCloseTo(
      values.get("dense_1.kernel")![0]! / Math.sqrt(6 / 149),
      3,
    );
  });

  it("applies dropout only in training, and not with a keep probability of 1", () => {
    const ops = (model: Model, training: boolean) =>
      buildGraph(model, 1, training).graph.applications.map((a) => a.op.name);
    const dropping = network(spec, [flatten(), dropout(0.5), dense(2)]);
    expect(ops(dropping, true)).toContain("dropout");
    expect(ops(dropping, false)).not.toContain("dropout");
    expect(ops(network(spec, [flatten(), dropout(0), dense(2)]), true)).not.toContain("dropout");
  });

  it("may use names for layers that the engine uses internally", async () => {
    const layers = (names: readonly string[]) => [
      conv2d(2, 3, { ...(names[0] && { name: names[0] }) }),
      relu({ ...(names[1] && { name: names[1] }) }),
      dropout(0.25),
      flatten({ ...(names[2] && { name: names[2] }) }),
      dense(5, { ...(names[3] && { name: names[3] }) }),
      dense(2, { ...(names[4] && { name: names[4] }) }),
    ];
    const train = async (names: readonly string[]) => {
      const { losses, weights } = await trainSteps(network(spec, layers(names)), {
        backend: wasmBackend(),
        calls: [3],
      });
      return { losses, weights: Object.values(weights) };
    };
    const want = await train([]);
    expect(await train(["images", "rows", "labels", "seed", "firstStep"])).toEqual(want);
    expect(await train(["loss", "label", "constructor", "toString", "logits"])).toEqual(want);
    expect(await train(["train", "evaluate", "scalars", "step", "group"])).toEqual(want);
  });
});

describe("errors of models", () => {
  const build =
    (...layers: LayerConfig[]) =>
    () =>
      network(spec, layers);
  const json = (change: object) => () => parseModel({ ...JSON.parse(JSON.stringify(small)), ...change });
  const cases: readonly (readonly [string, () => unknown, string, string | RegExp])[] = [
    [
      "a layer that nobody knows",
      json({ layers: [{ type: "convv" }] }),
      "INVALID_MODEL",
      /^unknown layer "convv"; known layers: .*conv2d.*relu/,
    ],
    ["a layer without a type", json({ layers: [{}] }), "INVALID_MODEL", "model: layers.0.type is missing"],
    [
      "a layer's wrong setting",
      json({ layers: [{ type: "dense", units: 0 }] }),
      "INVALID_MODEL",
      "layer 1 (dense): units is 0, expected a whole number of at least 1",
    ],
    [
      "a layer's unknown setting",
      json({ layers: [{ type: "dense", unit: 2, units: 2 }] }),
      "INVALID_MODEL",
      /^layer 1 \(dense\): unit is not an option; options are type, units/,
    ],
    ["no layers", json({ layers: [] }), "INVALID_MODEL", "model: layers is [], expected at least one layer"],
    [
      "an unknown setting",
      json({ extra: 1 }),
      "INVALID_MODEL",
      "model: extra is not an option; options are formatVersion, input, preprocessing, classes, labelSmoothing, layers",
    ],
    [
      "a later format",
      json({ formatVersion: 2 }),
      "INVALID_MODEL",
      "model: formatVersion is 2, expected 1; a later version of Inkling wrote this model, so update Inkling",
    ],
    [
      "labels smoothed away",
      json({ labelSmoothing: 1 }),
      "INVALID_MODEL",
      "model: labelSmoothing is 1, expected a number of at least 0 and below 1",
    ],
    ["no format", json({ formatVersion: undefined }), "INVALID_MODEL", /^model: formatVersion is missing/],
    ["nothing", () => parseModel(null), "INVALID_MODEL", "model is null, expected an object"],
    ["a word", () => parseModel("seed"), "INVALID_MODEL", 'model is "seed", expected an object'],
    ["an image of two axes", json({ input: [8, 8] }), "INVALID_MODEL", /^model: input.* expected/],
    ["an image of four axes", json({ input: [8, 8, 1, 1] }), "INVALID_MODEL", /^model: input.* expected/],
    ["one class", json({ classes: ["A"] }), "INVALID_MODEL", 'model: classes is ["A"], expected at least two classes'],
    [
      "the same class twice",
      json({ classes: ["A", "A"] }),
      "INVALID_MODEL",
      'model: classes is ["A","A"], expected distinct names',
    ],
    [
      "a scale of nothing",
      json({ preprocessing: { mean: 0, scale: 0 } }),
      "INVALID_MODEL",
      "model: preprocessing.scale is 0, expected a number above 0",
    ],
    [
      "two layers of one name",
      build(flatten({ name: "x" }), dense(2, { name: "x" })),
      "INVALID_MODEL",
      "two layers are named x; names must differ",
    ],
    [
      "a name that a layer gets by itself",
      build(flatten({ name: "dense_1" }), dense(2)),
      "INVALID_MODEL",
      "two layers are named dense_1; names must differ",
    ],
    [
      "a layer named input",
      build(flatten({ name: "input" }), dense(2)),
      "INVALID_MODEL",
      'a layer is named "input", which is reserved for the image; choose another name',
    ],
    [
      "an input that comes later",
      build(flatten(), dense(2, { inputs: ["end"] }), relu({ name: "end" })),
      "INVALID_MODEL",
      'layer dense_1: reads "end", which does not precede it; the layers before it are input, flatten_1',
    ],
    [
      "two inputs of a layer of one",
      build(flatten({ inputs: ["input", "input"] }), dense(2)),
      "INVALID_MODEL",
      "layer flatten_1: has 2 inputs, expected 1",
    ],
    [
      "a sum of one",
      build(add(["input"]), flatten(), dense(2)),
      "INVALID_MODEL",
      'layer add_1: add: has 1 input, expected at least 2; name them: add(["a", "b"])',
    ],
    [
      "logits for other classes",
      build(flatten(), dense(3)),
      "INVALID_MODEL",
      "the last layer, dense_1, has an output of shape (1, 3), expected (1, 2): one logit per class",
    ],
    [
      "no logits",
      build(conv2d(2, 3)),
      "INVALID_MODEL",
      "the last layer, conv2d_1, has an output of shape (1, 6, 6, 2), expected (1, 2): one logit per class",
    ],
    [
      "a window larger than the image",
      build(conv2d(2, 9), flatten(), dense(2)),
      "INVALID_SHAPE",
      'layer conv2d_1: conv2d: kernel size along the height is 9, expected at most 8 with padding "valid"',
    ],
    ["dense without flatten", build(dense(2)), "INVALID_SHAPE", "layer dense_1: dense: rank of x is 4, expected 2"],
    [
      "sums of different shapes",
      build(
        conv2d(2, 3, { name: "a" }),
        conv2d(2, 5, { name: "b", inputs: ["input"] }),
        add(["a", "b"]),
        flatten(),
        dense(2),
      ),
      "INVALID_SHAPE",
      "layer add_1: add: shape of b is (1, 4, 4, 2), expected (1, 6, 6, 2)",
    ],
  ];

  it.each(cases)("%s", (_name, make, code, message) => {
    let thrown: unknown;
    try {
      make();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(InklingError);
    const error = thrown as InklingError;
    if (typeof message === "string") expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
    expect(error.code).toBe(code);
  });
});

describe("a layer of an extension", () => {
  const zeros = constant(0);
  const builds: Readonly<Record<string, LayerType["build"]>> = {
    "two ops": (builder, [x]) => builder.apply(ops.relu, { x: builder.apply(ops.tanh, { x }, {}) }, {}),
    "two weights": (builder, [x]) => {
      for (let k = 0; k < 2; k++) builder.parameter("bias", [4], zeros);
      return x;
    },
    "a weight and a state": (builder, [x]) => {
      builder.parameter("bias", [4], zeros);
      builder.state("bias", [4], zeros);
      return x;
    },
    "a weight and an op": (builder, [x]) =>
      builder.apply(ops.bias, { x, b: builder.parameter("bias", [1], zeros) }, {}, "bias"),
  };
  it.each(Object.entries(builds))("cannot give %s one name, for they would share memory", (what, build) => {
    const type = `shares${Object.keys(builds).indexOf(what)}`;
    registerLayer(defineLayer({ type, schema: layerSchema(type, {}), build }));
    const made = () => network({ input: [2, 2, 1], classes: [..."ABCD"] }, [{ type, name: "mine" }, flatten()]);
    const message = expect.stringMatching(/^layer mine: two of its values are named mine(\.bias)?; /);
    expect(made).toThrow(expect.objectContaining({ code: "INVALID_MODEL", message }));
  });
});

describe("summarize", () => {
  it("counts the parameters of LeNet, 64,138, and its multiply-adds per image, 1,932,416", () => {
    const rows = summarize(seed);
    const total = (of: (row: (typeof rows)[number]) => number) => rows.reduce((sum, row) => sum + of(row), 0);
    expect(total((row) => row.parameters)).toBe(64_138);
    expect(total((row) => row.multiplyAdds)).toBe(1_932_416);
    expect(total((row) => row.decayed)).toBe(64_138 - 3 * 16 - 64 - 10);
    expect(
      summarize(seed, ["bias", "conv2d_1"])
        .map((row) => row.decayed)
        .filter((n) => n > 0),
    ).toEqual([416, 16, 16, 64, 10]);
    expect(rows.map((row) => [row.name, row.outputShape.join("×"), row.parameters])).toEqual([
      ["input", "28×28×1", 0],
      ["conv2d_1", "28×28×16", 416],
      ["relu_1", "28×28×16", 0],
      ["dropout_1", "28×28×16", 0],
      ["maxPool2d_1", "14×14×16", 0],
      ["localResponseNormalization_1", "14×14×16", 0],
      ["conv2d_2", "14×14×16", 6416],
      ["relu_2", "14×14×16", 0],
      ["maxPool2d_2", "7×7×16", 0],
      ["localResponseNormalization_2", "7×7×16", 0],
      ["conv2d_3", "7×7×16", 6416],
      ["relu_3", "7×7×16", 0],
      ["flatten_1", "784", 0],
      ["dense_1", "64", 50_240],
      ["relu_4", "64", 0],
      ["dense_2", "10", 650],
    ]);
  });

  it("prints a table with totals", () => {
    const lines = formatSummary(summarize(network(spec, [maxPool2d(2), flatten(), dense(2)]))).split("\n");
    expect(lines[0]).toMatch(/^Layer +Type +Output shape +Parameters +Decayed +Multiply-adds +Bytes an image$/);
    expect(lines.at(-1)).toMatch(/^Total +34 +32 +32 +\d+$/);
    expect(lines).toHaveLength(2 + 4 + 2);
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
    const narrow = (width: number) =>
      formatSummary(summarize(network(spec, [flatten(), dense(2)])), width).split("\n")[0];
    expect(narrow(80)).toMatch(/^Layer +Type +Output shape +Parameters +Decayed +Multiply-adds$/);
    expect(narrow(50)).toMatch(/^Layer +Output shape +Parameters +Multiply-adds$/);
    expect(narrow(10)).toMatch(/^Layer +Output shape +Parameters$/);
  });
});
