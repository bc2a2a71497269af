import { expect, test } from "vitest";
import { conv2d, dense, dropout, flatten, maxPool2d, relu } from "../../src/index.ts";
import { layerFields } from "../../src/layers/fields.ts";
import { allLayerTypes, layerType, parseLayer } from "../../src/layers/registry.ts";
import { checkLayers } from "../../src/model/checkLayers.ts";

test("fields of a layer are its settings, with what applies where they are not given", () => {
  const fields = layerFields(layerType("conv2d"));
  expect(fields.map(({ name, kind, isRequired }) => [name, kind, isRequired])).toEqual([
    ["filters", "number", true],
    ["kernelSize", "values", true],
    ["strides", "values", false],
    ["padding", "choice", false],
    ["dilationRate", "values", false],
    ["groups", "number", false],
    ["useBias", "flag", false],
    ["kernelInitializer", "initializer", false],
    ["biasInitializer", "initializer", false],
    ["algorithm", "choice", false],
  ]);
  expect(fields[2]!.default).toEqual([1, 1]);
  expect(fields[3]).toMatchObject({ choices: ["same", "valid"], default: "valid" });
  expect(fields[7]!.choices).toContain("heNormal");
  expect(fields[9]).not.toHaveProperty("default");
});

test.each(allLayerTypes().map((type) => [type.type, type] as const))(
  "%s has usual values of the settings that must be given",
  (type, record) => {
    expect(() => parseLayer({ type, ...record.usual }, type)).not.toThrow();
    const required = layerFields(record).flatMap(({ name, isRequired }) => (isRequired ? [name] : []));
    expect(Object.keys(record.usual ?? {})).toEqual(required);
  },
);

const spec = { input: [8, 8, 1], classes: ["a", "b"] } as const;

test("layers that fit are a network with shapes and costs", () => {
  const { model, problem, summary } = checkLayers(spec, [conv2d(4, 3), relu(), flatten(), dense(2)]);
  expect(problem).toBeUndefined();
  expect(model!.layers.map(({ name }) => name)).toEqual(["conv2d_1", "relu_1", "flatten_1", "dense_1"]);
  expect(summary.map(({ outputShape, parameters }) => [outputShape, parameters])).toEqual([
    [[8, 8, 1], 0],
    [[6, 6, 4], 40],
    [[6, 6, 4], 0],
    [[144], 0],
    [[2], 290],
  ]);
});

test.each([
  ["that does not fit", [conv2d(4, 3), dense(2), relu()], 1, /^layer dense_1: .*x/, 1],
  [
    "with an invalid setting",
    [relu(), { type: "dropout", keepProbability: 2 }, flatten()],
    1,
    /keepProbability is 2/,
    1,
  ],
  ["that reads what is not there", [flatten(), dense(2, { inputs: ["x"] })], 1, /reads "x"/, 1],
  ["with a name that another one has", [relu({ name: "a" }), relu({ name: "a" })], 1, /two layers are named a/, 1],
  ["of no known type", [{ type: "magic" }], 0, /unknown layer "magic"/, 0],
  ["that is the last, without a logit for each class", [flatten(), dense(3)], 1, /one logit per class/, 2],
  ["but there is none", [], 0, /at least one layer/, 0],
])("the problem is at the layer %s", (_, layers, at, message, sound) => {
  const { model, problem, summary } = checkLayers(spec, layers);
  expect(model).toBeUndefined();
  expect(problem!.layer).toBe(at);
  expect(problem!.message).toMatch(message);
  expect(summary.length).toBe(1 + sound);
});

test("a problem of many layers is found in the first that is wrong", () => {
  const layers = Array.from({ length: 60 }, (_, k) => (k === 41 ? maxPool2d(9) : k > 50 ? dropout(0.5) : relu()));
  expect(checkLayers(spec, layers).problem!.layer).toBe(41);
});
