import {
  adam,
  averagePool2d,
  batchNormalization,
  constantRate,
  conv2d,
  cosineDecay,
  dense,
  dropout,
  exponentialDecay,
  flatten,
  glorotUniform,
  heNormal,
  inception,
  localResponseNormalization,
  maxPool2d,
  network,
  ones,
  relu,
  sgd,
  truncatedNormal,
  zeros,
} from "../../../dist/index.js";

/** @typedef {import("../../../dist/index.js").Model} Model */
/** @typedef {import("../../../dist/index.js").NetworkSpec} NetworkSpec */
/** @typedef {import("../../../dist/index.js").OptimizerConfig} OptimizerConfig */
/** @typedef {import("../../../dist/index.js").Layers} Layers */

/**
 * One change of the recipe `lenet`.
 * @typedef {object} Variant
 * @property {string} name
 * @property {(spec: NetworkSpec) => Model} network
 * @property {(steps: number) => OptimizerConfig} optimizer
 * @property {number} batchSize
 */

/** Images that every variant sees: the recipe's 1,001 steps of 16. */
export const IMAGES = 1001 * 16;
/** At the recipe's own 0.1 some seeds learn nothing, which would drown what is compared. */
const RATE = 0.05;

/**
 * The recipe's network with parts exchanged.
 * @param {NetworkSpec} spec
 * @param {object} [parts]
 * @param {number} [parts.kernelSize]
 * @param {() => import("../../../dist/index.js").InitializerConfig} [parts.kernel] initializes kernels
 * @param {() => import("../../../dist/index.js").InitializerConfig} [parts.bias] initializes all biases but the first
 * @param {(where: "first" | "convolution" | "hidden") => Layers} [parts.after] what follows a ReLU
 * @param {() => Layers} [parts.normalize] what follows a pooling
 * @param {() => Layers} [parts.pool]
 * @param {Layers} [parts.middle] in place of the second convolution and its ReLU
 * @param {Layers} [parts.more] after the third convolution
 */
function changed(spec, parts = {}) {
  const {
    kernelSize = 5,
    kernel = () => truncatedNormal({ stddev: 0.1 }),
    bias = ones,
    after = () => [],
    normalize = () => [localResponseNormalization({ depthRadius: 4, bias: 1, alpha: 0.001 / 9, beta: 0.75 })],
    pool = () => [maxPool2d(2, { padding: "same" })],
  } = parts;
  const convolution = () =>
    conv2d(16, kernelSize, { padding: "same", kernelInitializer: kernel(), biasInitializer: bias() });
  const { middle = [convolution(), relu(), ...after("convolution")], more = [] } = parts;
  return network(spec, [
    conv2d(16, kernelSize, { padding: "same", kernelInitializer: kernel() }),
    relu(),
    ...after("first"),
    ...pool(),
    ...normalize(),
    ...middle,
    ...pool(),
    ...normalize(),
    convolution(),
    relu(),
    ...after("convolution"),
    ...more,
    flatten(),
    dense(64, { kernelInitializer: kernel(), biasInitializer: bias() }),
    relu(),
    ...after("hidden"),
    dense(spec.classes.length, { kernelInitializer: kernel(), biasInitializer: bias() }),
  ]);
}

const decay = (/** @type {number} */ rate) => exponentialDecay(rate, 100_000, 0.96);
const keep = (/** @type {number} */ keepProbability) => [dropout({ keepProbability })];

/** @param {string} name @param {Partial<Variant>} [change] @returns {Variant} */
const variant = (name, change) => ({
  name,
  network: (spec) => changed(spec),
  optimizer: () => sgd(decay(RATE)),
  batchSize: 16,
  ...change,
});
/** @param {string} name @param {Parameters<typeof changed>[1]} parts */
const withParts = (name, parts) => variant(name, { network: (spec) => changed(spec, parts) });
/** @param {string} name @param {(steps: number) => OptimizerConfig} optimizer */
const withOptimizer = (name, optimizer) => variant(name, { optimizer });

const he = { kernel: () => heNormal(), bias: () => zeros() };

/** The recipe at a learning rate of 0.05, and what the article suggests, each alone on top of it. @type {readonly Variant[]} */
export const variants = [
  variant("the recipe, learning rate 0.05"),
  withOptimizer("learning rate 0.1, as in the article", () => sgd(decay(0.1))),
  withOptimizer("learning rate 0.02", () => sgd(decay(0.02))),
  withParts("dropout, keep 0.5, after the first convolution", {
    after: (where) => (where === "first" ? keep(0.5) : []),
  }),
  withParts("dropout, keep 0.5, on each layer", { after: () => keep(0.5) }),
  withParts("dropout, keep 0.8, on each layer", { after: () => keep(0.8) }),
  withParts("dropout, keep 0.5, on the hidden layer", { after: (where) => (where === "hidden" ? keep(0.5) : []) }),
  withParts("one more convolution", {
    more: [
      conv2d(16, 5, {
        padding: "same",
        kernelInitializer: truncatedNormal({ stddev: 0.1 }),
        biasInitializer: ones(),
      }),
      relu(),
    ],
  }),
  withOptimizer("learning rate decays by 0.96 every 25 steps", () => sgd(exponentialDecay(RATE, 25, 0.96))),
  withOptimizer("learning rate falls along a cosine", (steps) => sgd(cosineDecay(RATE, steps))),
  withOptimizer("momentum 0.9, learning rate 0.005", () => sgd(decay(0.005), { momentum: 0.9 })),
  withOptimizer("Nesterov momentum 0.9, learning rate 0.005", () =>
    sgd(decay(0.005), { momentum: 0.9, nesterov: true }),
  ),
  withOptimizer("Adam, learning rate 0.001", () => adam(constantRate(0.001))),
  variant("batches of 8", { batchSize: 8 }),
  variant("batches of 32", { batchSize: 32 }),
  variant("batches of 64", { batchSize: 64 }),
  withParts("He-normal weights, biases of 0", he),
  withParts("Glorot-uniform weights, biases of 0", { kernel: () => glorotUniform(), bias: () => zeros() }),
  withParts("patches of 1×1", { kernelSize: 1 }),
  withParts("patches of 3×3", { kernelSize: 3 }),
  withParts("patches of 7×7", { kernelSize: 7 }),
  withParts("an Inception block for the second convolution", {
    middle: [inception({ filters: [4, 6, 4, 2], reduce: [8, 4] })],
  }),
  withParts("average pooling", { pool: () => [averagePool2d(2, { padding: "same" })] }),
  withParts("no response normalization", { normalize: () => [] }),
  withParts("batch normalization for response normalization", {
    normalize: () => [batchNormalization({ momentum: 0.9 })],
  }),
];
