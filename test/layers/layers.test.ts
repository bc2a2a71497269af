import { describe, expect, it } from "vitest";
import { InklingError } from "../../src/base/error.ts";
import {
  add,
  constant,
  conv2d,
  dense,
  dropout,
  flatten,
  gelu,
  glorotUniform,
  localResponseNormalization,
  maxPool2d,
  ones,
  relu,
  truncatedNormal,
  zeros,
} from "../../src/layers/index.ts";

/** Mistakes that are possible in plain JavaScript. */
const loose = {
  add,
  constant,
  conv2d,
  dense,
  dropout,
  flatten,
  gelu,
  localResponseNormalization,
  maxPool2d,
  relu,
  truncatedNormal,
} as unknown as Record<string, (...args: unknown[]) => unknown>;

describe("defaults", () => {
  it("of conv2d are those of Keras: strides 1, valid, a bias of zeros, Glorot uniform kernels", () => {
    expect(conv2d(16, 5)).toEqual({
      type: "conv2d",
      filters: 16,
      kernelSize: [5, 5],
      strides: [1, 1],
      padding: "valid",
      groups: 1,
      useBias: true,
      kernelInitializer: { type: "glorotUniform" },
      biasInitializer: { type: "constant", value: 0 },
    });
  });

  it("of dense are those of Keras", () => {
    expect(dense(64)).toEqual({
      type: "dense",
      units: 64,
      useBias: true,
      kernelInitializer: { type: "glorotUniform" },
      biasInitializer: { type: "constant", value: 0 },
    });
  });

  it("of localResponseNormalization are those of TensorFlow: 5, 1, 1, 0.5", () => {
    expect(localResponseNormalization()).toEqual({
      type: "localResponseNormalization",
      depthRadius: 5,
      bias: 1,
      alpha: 1,
      beta: 0.5,
    });
  });

  it("of the others", () => {
    expect(maxPool2d()).toMatchObject({ poolSize: [2, 2], padding: "valid" });
    expect(maxPool2d([2, 3], { strides: 1 })).toMatchObject({ poolSize: [2, 3], strides: [1, 1] });
    expect(dropout({ keepProbability: 0.8 })).toEqual({ type: "dropout", keepProbability: 0.8 });
    expect(dropout(0.25)).toEqual({ type: "dropout", keepProbability: 0.75 });
    expect(dropout(0.25, { name: "drop" })).toEqual({ type: "dropout", keepProbability: 0.75, name: "drop" });
    expect(dropout({ rate: 0.25, name: "drop" })).toEqual(dropout(0.25, { name: "drop" }));
    expect(dropout({ rate: 0 })).toMatchObject({ keepProbability: 1 });
    expect(relu({ name: "bend" })).toEqual({ type: "relu", name: "bend" });
    expect(flatten()).toEqual({ type: "flatten" });
    expect(add(["a", "b"])).toEqual({ type: "add", inputs: ["a", "b"] });
  });

  it("of initializers", () => {
    expect(truncatedNormal()).toEqual({ type: "truncatedNormal", mean: 0, stddev: 0.05 });
    expect([zeros(), ones(), constant(3)].map(({ value }) => value)).toEqual([0, 1, 3]);
    expect(glorotUniform()).toEqual({ type: "glorotUniform" });
  });
});

const whole = "expected a whole number of at least 1";
const pair = `${whole}, or two of them: [height, width]`;
const wrong: readonly (readonly [call: string, args: readonly unknown[], message: string])[] = [
  ["conv2d", [], `conv2d: filters is missing, ${whole}`],
  ["conv2d", [0, 5], `conv2d: filters is 0, ${whole}`],
  ["conv2d", [1.5, 5], `conv2d: filters is 1.5, ${whole}`],
  ["conv2d", [16], `conv2d: kernelSize is missing, ${pair}`],
  ["conv2d", [16, [5]], `conv2d: kernelSize is [5], ${pair}`],
  ["conv2d", [16, 5, { strides: 0 }], `conv2d: strides is 0, ${whole}`],
  ["conv2d", [16, 5, { strides: [1, 2, 3] }], `conv2d: strides is [1,2,3], ${pair}`],
  ["conv2d", [16, 5, { padding: "full" }], 'conv2d: padding is "full", expected "same", "valid" or [[top, bottom], [l'],
  ["conv2d", [16, 5, { padding: [1, 1] }], 'conv2d: padding is [1,1], expected "same", "valid" or [[top, bottom], [l'],
  ["conv2d", [16, 5, { dilationRate: 0 }], `conv2d: dilationRate is 0, ${whole}`],
  ["gelu", [{ approximate: true }], 'gelu: approximate is true, expected "none" or "tanh"'],
  ["conv2d", [16, 5, { useBias: 1 }], "conv2d: useBias is 1, expected true or false"],
  [
    "conv2d",
    [16, 5, { kernelInitializer: "he" }],
    'conv2d: kernelInitializer is "he", expected an initializer, such as glorotUniform()',
  ],
  [
    "conv2d",
    [16, 5, { stride: 2 }],
    "conv2d: stride is not an option; options are type, filters, kernelSize, strides, padding, dilationRate, groups",
  ],
  [
    "conv2d",
    [16, 5, { name: "1st" }],
    'conv2d: name is "1st", expected a name of letters, digits, _ and -, beginning with a letter',
  ],
  ["dense", ["3"], `dense: units is "3", ${whole}`],
  ["dense", [Number.NaN], `dense: units is NaN, ${whole}`],
  ["dense", [3, { inputs: [] }], "dense: inputs is [], expected at least one name"],
  ["dense", [3, { inputs: "a" }], 'dense: inputs is "a", expected a list of layers\' names'],
  ["dropout", [], "dropout: rate is missing, expected a number of at least 0 and below 1"],
  ["dropout", [{}], "dropout: rate is missing, expected a number of at least 0 and below 1"],
  ["dropout", ["half"], "dropout: rate is half, expected a number of at least 0 and below 1"],
  ["dropout", [-0.1], "dropout: rate is -0.1, expected a number of at least 0 and below 1"],
  ["dropout", [{ keepProbability: 0 }], "dropout: keepProbability is 0, expected a number above 0 and up to 1"],
  ["dropout", [{ keepProbability: 1.1 }], "dropout: keepProbability is 1.1, expected a number above 0 and up to 1"],
  ["dropout", [{ rate: 1 }], "dropout: rate is 1, expected a number of at least 0 and below 1"],
  ["dropout", [{ rate: Number.NaN }], "dropout: rate is NaN, expected a number of at least 0 and below 1"],
  ["dropout", [{ rate: 0.5, keepProbability: 0.5 }], "dropout: has rate and keepProbability; give one of them"],
  ["maxPool2d", [0], `maxPool2d: poolSize is 0, ${whole}`],
  ["maxPool2d", [2, { padding: 1 }], 'maxPool2d: padding is 1, expected "same", "valid" or [[top, bottom], [left, '],
  ["localResponseNormalization", [{ depthRadius: 0 }], `localResponseNormalization: depthRadius is 0, ${whole}`],
  ["localResponseNormalization", [{ alpha: -1 }], "localResponseNormalization: alpha is -1, expected a number above 0"],
  [
    "localResponseNormalization",
    [{ beta: Number.POSITIVE_INFINITY }],
    "localResponseNormalization: beta is Infinity, expected a finite number",
  ],
  ["relu", [{ slope: 1 }], "relu: slope is not an option; options are type, name, inputs"],
  ["add", ["a"], 'add: inputs is "a", expected a list of layers\' names'],
  ["truncatedNormal", [{ stddev: 0 }], "truncatedNormal: stddev is 0, expected a number above 0"],
  ["truncatedNormal", [{ sd: 1 }], "truncatedNormal: sd is not an option; options are type, mean, stddev"],
  ["constant", ["x"], 'constant: value is "x", expected a number'],
];

describe("errors name the layer, the setting, its value and what was expected", () => {
  it.each(wrong)("%s %j", (call, args, message) => {
    let thrown: unknown;
    try {
      loose[call]!(...args);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(InklingError);
    expect((thrown as InklingError).code).toBe("INVALID_ARGUMENT");
    expect((thrown as InklingError).message.slice(0, message.length)).toBe(message);
  });

  it("lists the known initializers", () => {
    expect(() => conv2d(1, 1, { kernelInitializer: { type: "he" } })).toThrow(
      /^unknown initializer "he"; known initializers: .*glorotUniform.*truncatedNormal/,
    );
  });
});
