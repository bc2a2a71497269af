import { philox, toUnit } from "../../src/base/philox.ts";
import { sizeOf } from "../../src/base/shape.ts";
import { calibrateModel, type Model, network, TrainedModel } from "../../src/index.ts";
import * as layers from "../../src/layers/index.ts";
import { buildLayers, defaultPreprocessing, inferenceGraph, parseLayers } from "../../src/model/index.ts";

import { recipes, recipeTraining } from "../../src/training/recipes/index.ts";

type LayerConfig = layers.LayerConfig;

/** Random numbers in [0, 1), fixed by a seed. */
export function randomFrom(seed: number): () => number {
  let count = 0;
  return () => toUnit(philox([seed, 99], [count++, 0, 0, 0])[0]);
}

/** A model with weights that are random but for scales that keep activations near 1; variances are positive. */
export function randomWeights(model: Model, random: () => number): TrainedModel {
  const weights = new Map(
    inferenceGraph(model).weights.map(({ tensor: { name, shape } }) => {
      const fanIn = Math.max(1, sizeOf(shape.slice(0, -1)));
      const value = (): number => {
        if (name.endsWith("movingVariance")) return 0.5 + random();
        if (name.endsWith("gamma")) return 0.5 + random();
        if (name.endsWith("kernel")) return (random() * 2 - 1) * Math.sqrt(3 / fanIn);
        return (random() * 2 - 1) * 0.3;
      };
      return [name, Float32Array.from({ length: sizeOf(shape) }, value)] as const;
    }),
  );
  const preparation = { background: "dark", crop: true, fit: "contain", margin: 0.1, center: "mass" } as const;
  return new TrainedModel(model, weights, undefined, preparation);
}

/** A model with the calibration that other logits would have given it: its temperature is not 1. */
export function calibrated(trained: TrainedModel): TrainedModel {
  const random = randomFrom(3);
  const classes = trained.model.classes.length;
  const labels = Array.from({ length: 60 }, () => Math.floor(classes * random()));
  const logits = Array.from(
    { length: 60 * classes },
    (_, i) => 2 * random() + (labels[Math.floor(i / classes)] === i % classes ? 1.5 : 0),
  );
  return trained.with({ calibration: calibrateModel(logits, labels, classes) });
}

/** Images of noise for a model, [N,H,W,C]. */
export const noise = ({ input }: Model, count: number, random: () => number): Uint8Array =>
  Uint8Array.from({ length: count * sizeOf(input) }, () => random() * 256);

/** Grouped and depthwise convolutions, leaky ReLU and GELU, even kernels, strides of 3, Winograd's algorithm, two branches. */
const preprocessing = { mean: [123.7, 116.3, 103.5], scale: [58.4, 57.1, 57.4] };
export const everything = network({ input: [20, 17, 3], classes: ["yes", "no", "perhaps"], preprocessing }, [
  layers.batchNormalization(),
  layers.conv2d(12, 4, { strides: 3, padding: "same", groups: 3, name: "even" }),
  layers.leakyRelu({ negativeSlope: 0.1 }),
  layers.conv2d(12, 3, { padding: "same", algorithm: "winograd" }),
  layers.gelu({ name: "trunk" }),
  layers.depthwiseConv2d(2, { padding: "same", name: "left" }),
  layers.localResponseNormalization({ depthRadius: 2, inputs: ["trunk"], name: "right" }),
  layers.concatenate(["left", "right", "trunk"]),
  layers.maxPool2d(3, { strides: 2, padding: "same" }),
  layers.silu(),
  layers.averagePool2d(2, { padding: "same" }),
  layers.tanh(),
  layers.flatten(),
  layers.dense(9),
  layers.sigmoid(),
  layers.dense(3),
]);

const shape = { images: { input: [28, 28, 1] as const, classes: [..."ABCDEFGHIJ"] }, trainingImages: 1000 };

/** The networks of recipes for the letters, and one of other layers. That of auto has no layers but those of fast. */
export const models: readonly (readonly [string, Model])[] = [
  ...recipes
    .filter(({ name }) => name !== "auto")
    .map((recipe) => [recipe.name, recipeTraining(recipe, shape, {}).model] as const),
  ["every layer", everything],
];

/** Networks with sums that are longer than a single chain of additions may be. */
export const longSums: readonly Model[] = [
  [layers.flatten(), layers.dense(2)],
  [layers.globalAveragePool2d(), layers.dense(2)],
].map((all) => network({ input: [2, 8200, 1], classes: ["A", "B"] }, all));

/** A network of random layers, of all that there are: every padding, stride and kernel size, branches, heads. */
export function randomNetwork(seed: number): Model {
  const random = randomFrom(seed);
  const whole = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
  const pick = <T>(...choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!;
  const input = [whole(5, 15), whole(5, 15), pick(1, 1, 2, 3, 4)] as const;
  const classes = Array.from({ length: whole(2, 12) }, (_, k) => `class ${k}`);
  const preprocessing = pick(undefined, { mean: 33.318, scale: 78.567 }, { mean: 0, scale: 255 });
  const chosen: LayerConfig[] = [];
  const spec = { input, classes, ...(preprocessing && { preprocessing }) };
  const shape = (): readonly number[] => {
    if (chosen.length === 0) return input;
    const built = buildLayers({ input, preprocessing: defaultPreprocessing, layers: parseLayers(chosen) }, 1, false);
    return built.output.shape.slice(1);
  };
  const window = (H: number, W: number) => {
    const size = [Math.min(whole(1, 5), H), Math.min(whole(1, 5), W)] as const;
    const [rate, ...ends] = [whole(1, 3), whole(0, size[0] - 1), whole(0, size[1] - 1)];
    const fits = (size[0] - 1) * rate < H && (size[1] - 1) * rate < W;
    return {
      size,
      strides: [whole(1, 3), whole(1, 3)] as const,
      padding: pick<layers.Padding>("same", "valid", [
        [ends[0]!, 0],
        [0, ends[1]!],
      ]),
      ...(fits && rate > 1 && { dilationRate: rate }),
    };
  };
  const activation = () =>
    pick<() => LayerConfig>(
      () => layers.relu(),
      () => layers.leakyRelu({ negativeSlope: pick(0.3, 0.01, 0) }),
      () => layers.sigmoid(),
      () => layers.tanh(),
      () => layers.silu(),
      () => layers.hardSwish(),
      () => layers.gelu(random() < 0.5 ? {} : { approximate: "none" }),
      () => layers.softmax(),
    )();
  const trainingOnly = () =>
    pick<() => LayerConfig>(
      () => layers.dropout(0.3),
      () => layers.spatialDropout2d(0.2),
      () => layers.gaussianNoise({ stddev: 0.1 }),
      () => layers.randomAffine({ rotation: 10 }),
      () => layers.identity(),
    )();
  const spatial = (): void => {
    const [H, W, C] = shape() as [number, number, number];
    const { size, ...options } = window(H, W);
    const { dilationRate: _, ...near } = options;
    const groups = pick(1, C);
    const name = `n${chosen.length}`;
    pick<() => void>(
      () => chosen.push(layers.conv2d(groups * whole(1, 6), size, { ...options, groups, useBias: random() < 0.7 })),
      () => chosen.push(layers.conv2d(whole(8, 12), pick(3, 5), { padding: "same", algorithm: "winograd" })),
      () =>
        chosen.push(
          layers.depthwiseConv2d(size, { ...options, depthMultiplier: whole(1, 2), useBias: random() < 0.5 }),
        ),
      () => chosen.push(layers.maxPool2d(size, options.padding === "same" ? near : options)),
      () => chosen.push(layers.averagePool2d(size, { ...near, ...(random() < 0.5 && { countIncludePad: true }) })),
      () => chosen.push(layers.batchNormalization()),
      () => chosen.push(activation()),
      () => chosen.push(trainingOnly()),
      () =>
        chosen.push(
          layers.localResponseNormalization({ depthRadius: whole(1, 5), bias: 1.5, alpha: 0.1, beta: pick(0.5, 0.75) }),
        ),
      () => {
        const branches = [name, `${name}a`, `${name}b`];
        chosen.push(layers.identity({ name }));
        chosen.push({ ...layers.conv2d(C, 3, { padding: "same" }), name: `${name}a` });
        chosen.push({
          ...layers.conv2d(C, [1, 2], { padding: "same", useBias: false }),
          name: `${name}b`,
          inputs: [name],
        });
        chosen.push(random() < 0.5 ? layers.add(branches) : layers.concatenate(branches));
      },
    )();
  };
  for (let k = whole(1, 7); k > 0; k--) spatial();
  pick<() => void>(
    () => chosen.push(layers.globalAveragePool2d()),
    () => chosen.push(layers.flatten()),
    () => chosen.push(layers.flatten(), activation()),
    () => chosen.push(layers.flatten(), layers.batchNormalization()),
    () => {
      chosen.push(layers.identity({ name: "body" }), layers.globalAveragePool2d({ name: "mean" }));
      chosen.push(layers.flatten({ name: "flat", inputs: ["body"] }), layers.concatenate(["mean", "flat"]));
    },
  )();
  if (random() < 0.5) chosen.push(layers.dense(whole(2, 9), { useBias: random() < 0.5 }), activation());
  chosen.push(layers.dense(classes.length));
  if (random() < 0.2) chosen.push(layers.batchNormalization());
  return network(spec, chosen);
}

/** Class names that a form could take for something else. */
export const hostileNames: readonly string[] = [
  ...[
    "",
    '"',
    "'",
    "`",
    "\\",
    "\\u0041",
    "a\nb",
    "\r\n",
    "*/ int x;",
    "// x",
    "??/",
    "??)\\",
    "\u{1f600} é 日本",
    "int",
    "%s%n",
  ],
  ...[
    "</script>",
    "<!--",
    "]]>",
    "$`",
    "| a |",
    "[x](y)",
    "```",
    "---",
    "\u0000",
    "\u0001f",
    "\u2028",
    "7",
    "__proto__",
  ],
  ...["constructor", "null", "a".repeat(3000)],
];
