import { describe, expect, test } from "vitest";
import { interpretBackend } from "../../src/backends/interpret/backend.ts";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { wasmBackend } from "../../src/backends/wasm/backend.ts";
import { type Shape, sizeOf } from "../../src/base/shape.ts";
import {
  add,
  averagePool2d,
  batchNormalization,
  concatenate,
  constant,
  conv2d,
  dense,
  depthwiseConv2d,
  dropout,
  flatten,
  gaussianNoise,
  gelu,
  globalAveragePool2d,
  hardSwish,
  identity,
  type LayerConfig,
  layerTypes,
  leakyRelu,
  localResponseNormalization,
  maxPool2d,
  randomAffine,
  randomColor,
  randomContrast,
  randomCrop,
  randomElastic,
  randomErasing,
  randomFlip,
  randomThickness,
  relu,
  sigmoid,
  silu,
  softmax,
  spatialDropout2d,
  tanh,
} from "../../src/layers/index.ts";
import { ops } from "../../src/ops/index.ts";
import type { Op } from "../../src/ops/op.ts";
import { type LayerTestOptions, layerTests } from "../../src/testing/index.ts";
import { unlisted, without } from "../testing/listed.ts";

// One suite for every layer: the one that extensions use. What a layer must compute is written out here, or left to
// the plain loops of the op that it must build, which have tests of their own.

enableRelaxedSimd();
const backends = [interpretBackend, wasmBackend()];

type Reference = NonNullable<LayerTestOptions["reference"]>;
type Values = ArrayLike<number>;
interface Case extends LayerTestOptions {
  readonly layer: LayerConfig;
  readonly reference: Reference;
}

const each =
  (f: (x: number) => number): Reference =>
  (x) =>
    x.map(f);
const same = each((x) => x);

/** The plain loops of an op, over x and the weights of these names and shapes, in the order of the op's inputs. */
const byOp =
  (op: unknown, attrs: object, shapes: Readonly<Record<string, Shape>> = {}): Reference =>
  (x, shape, weights) => {
    const { inputs, infer, reference } = op as Op;
    const named = Object.fromEntries(
      inputs.map((name, k) => [name, k === 0 ? x : Float64Array.from(weights.get("kernel")!)]),
    );
    const all = { ...Object.fromEntries(inputs.map((name, k) => [name, k === 0 ? shape : shapes[name]!])) };
    const yShape = infer(all, attrs);
    const y = new Float64Array(sizeOf(yShape));
    reference(named, all, y, yShape, attrs, { seed: 0, step: 0 });
    return y;
  };

/** Adds the bias, which is the last weight, to each output channel. */
const withBias =
  (reference: Reference): Reference =>
  (x, shape, weights) => {
    const bias = weights.get("bias")!;
    return Float64Array.from(reference(x, shape, weights) as Values, (value, i) => value + bias[i % bias.length]!);
  };

const twice: Reference = (x, shape) => {
  const channels = shape.at(-1)!;
  const pixels = Array.from({ length: x.length / channels }, (_, k) => [
    ...x.subarray(k * channels, (k + 1) * channels),
  ]);
  return Float64Array.from(pixels.flatMap((pixel) => [...pixel, ...pixel]));
};

const normalized: Reference = (x, shape, weights) => {
  const channels = shape.at(-1)!;
  const [gamma, beta] = [weights.get("gamma")!, weights.get("beta")!];
  // The moving mean is 0 and the moving variance 1 before any training.
  return x.map((value, i) => (gamma[i % channels]! * value) / Math.sqrt(1 + 0.5) + beta[i % channels]!);
};

const biasInitializer = constant(0.25);
const pool = { poolSize: [2, 3], strides: [2, 1], padding: "same" };
const normalization = { depthRadius: 1, bias: 2, alpha: 0.5, beta: 0.75 };
const convolution = { strides: [2, 1], padding: "same", groups: 1 };
const apart = {
  dilationRate: 2,
  padding: [
    [1, 2],
    [0, 1],
  ],
} as const;
const apartAttrs = { ...apart, dilationRate: [2, 2], strides: [1, 1] };
const aside = [
  [1, 0],
  [0, 2],
] as const;

/** At least one case for each type. When testing, random layers pass on what they read. */
const cases: Readonly<Record<string, readonly Case[]>> = {
  add: [{ layer: add(["input", "input"]), reference: each((x) => x + x) }],
  averagePool2d: [
    {
      layer: averagePool2d([2, 3], { strides: [2, 1], padding: "same" }),
      reference: byOp(ops.averagePool2d, pool),
    },
    {
      layer: averagePool2d(2, { strides: 2, ...apart, countIncludePad: true }),
      reference: byOp(ops.averagePool2d, { ...apartAttrs, poolSize: [2, 2], strides: [2, 2], countIncludePad: true }),
    },
  ],
  batchNormalization: [{ layer: batchNormalization({ epsilon: 0.5 }), reference: normalized }],
  concatenate: [{ layer: concatenate(["input", "input"]), reference: twice }],
  conv2d: [
    {
      layer: conv2d(4, 3, { strides: [2, 1], padding: "same", biasInitializer }),
      reference: withBias(byOp(ops.conv2d, convolution, { w: [3, 3, 3, 4] })),
    },
    {
      layer: conv2d(4, [3, 2], { useBias: false }),
      reference: byOp(ops.conv2d, { strides: [1, 1], padding: "valid", groups: 1 }, { w: [3, 2, 3, 4] }),
    },
    {
      layer: conv2d(4, 3, { algorithm: "winograd", padding: "same", biasInitializer }),
      reference: withBias(byOp(ops.conv2d, { ...convolution, strides: [1, 1] }, { w: [3, 3, 3, 4] })),
    },
    {
      layer: conv2d(4, 3, { ...apart, useBias: false }),
      reference: byOp(ops.conv2d, { ...apartAttrs, groups: 1 }, { w: [3, 3, 3, 4] }),
    },
    {
      layer: conv2d(4, 3, { algorithm: "winograd", padding: aside, biasInitializer }),
      reference: withBias(byOp(ops.conv2d, { padding: aside, strides: [1, 1], groups: 1 }, { w: [3, 3, 3, 4] })),
    },
  ],
  dense: [
    { layer: dense(4, { biasInitializer }), flat: true, reference: withBias(byOp(ops.dense, {}, { w: [90, 4] })) },
    { layer: dense(4, { useBias: false }), flat: true, reference: byOp(ops.dense, {}, { w: [90, 4] }) },
  ],
  depthwiseConv2d: [
    {
      layer: depthwiseConv2d(3, { depthMultiplier: 2, padding: "same", biasInitializer }),
      reference: withBias(byOp(ops.conv2d, { ...convolution, strides: [1, 1], groups: 3 }, { w: [3, 3, 1, 6] })),
    },
    {
      layer: depthwiseConv2d(2, { ...apart, useBias: false }),
      reference: byOp(ops.conv2d, { ...apartAttrs, groups: 3 }, { w: [2, 2, 1, 3] }),
    },
  ],
  dropout: [{ layer: dropout(0.5), reference: same }],
  flatten: [{ layer: flatten(), reference: same }],
  gaussianNoise: [{ layer: gaussianNoise({ stddev: 0.5 }), reference: same }],
  gelu: [
    {
      layer: gelu(),
      reference: each((x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))),
    },
    { layer: gelu({ approximate: "none" }), reference: byOp(ops.gelu, { approximate: "none" }) },
  ],
  globalAveragePool2d: [{ layer: globalAveragePool2d(), reference: byOp(ops.globalAveragePool2d, {}) }],
  hardSwish: [{ layer: hardSwish(), reference: each((x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6) }],
  identity: [{ layer: identity(), reference: same }],
  leakyRelu: [{ layer: leakyRelu({ negativeSlope: 0.125 }), reference: each((x) => (x > 0 ? x : 0.125 * x)) }],
  localResponseNormalization: [
    {
      layer: localResponseNormalization(normalization),
      reference: byOp(ops.localResponseNormalization, normalization),
    },
  ],
  maxPool2d: [
    { layer: maxPool2d([2, 3], { strides: [2, 1], padding: "same" }), reference: byOp(ops.maxPool2d, pool) },
    {
      layer: maxPool2d(2, apart),
      reference: byOp(ops.maxPool2d, { ...apartAttrs, poolSize: [2, 2], strides: [2, 2] }),
    },
  ],
  randomAffine: [{ layer: randomAffine({ rotation: 10 }), reference: same }],
  randomColor: [{ layer: randomColor({ saturation: 0.5 }), reference: same }],
  randomContrast: [{ layer: randomContrast({ factor: 0.5 }), reference: same }],
  randomCrop: [{ layer: randomCrop({ padding: 1 }), reference: same }],
  randomElastic: [{ layer: randomElastic({ strength: 1 }), reference: same }],
  randomErasing: [{ layer: randomErasing({ size: 2 }), reference: same }],
  randomFlip: [{ layer: randomFlip(), reference: same }],
  randomThickness: [{ layer: randomThickness({ dilate: 0.5 }), reference: same }],
  relu: [{ layer: relu(), reference: each((x) => Math.max(x, 0)) }],
  sigmoid: [{ layer: sigmoid(), reference: each((x) => 1 / (1 + Math.exp(-x))) }],
  silu: [{ layer: silu(), reference: each((x) => x / (1 + Math.exp(-x))) }],
  softmax: [{ layer: softmax(), flat: true, reference: byOp(ops.softmax, {}) }],
  spatialDropout2d: [{ layer: spatialDropout2d(0.5), reference: same }],
  tanh: [{ layer: tanh(), reference: each(Math.tanh) }],
};

test("every layer has a case here", () => {
  expect(without(cases, layerTypes)).toEqual([]);
});

test("every layer of a file is in the list of layers", async () => {
  expect(await unlisted("layers", layerTypes)).toEqual([]);
});

describe.each(Object.entries(cases))("%s", (type, ofType) => {
  for (const { layer, ...options } of ofType) {
    test("is of its type", () => expect(layer.type).toBe(type));
    for (const { name, run } of layerTests(layer, { backends, ...options })) test(name, run);
  }
});
