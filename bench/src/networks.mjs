import {
  constantRate,
  conv2d,
  dense,
  globalAveragePool2d,
  maxPool2d,
  network,
  recipe,
  recipeTraining,
  relu,
  sgd,
  summarize,
} from "../../dist/index.node.js";

/**
 * A network to measure, with the settings of its optimizer. Peers read both as JSON.
 *
 * @typedef {import("../../dist/index.js").Model} Model
 * @typedef {{ readonly learningRate: number, readonly momentum: number, readonly weightDecay: number }} Settings
 * @typedef {{ readonly title: string, readonly model: Model, readonly settings: Settings }} Network
 */

const classes = [..."ABCDEFGHIJ"];
const images28 = { input: /** @type {[number, number, number]} */ ([28, 28, 1]), classes };
const images32 = { input: /** @type {[number, number, number]} */ ([32, 32, 3]), classes };

/** @type {Settings} */
const plain = { learningRate: 0.001, momentum: 0, weightDecay: 0 };
/** With Nesterov's momentum. @type {Settings} */
const nesterov = { learningRate: 0.001, momentum: 0.9, weightDecay: 5e-4 };

/** A network without the layers of some types; in the networks here, none of those is read by its name. */
const without = (/** @type {Model} */ model, /** @type {readonly string[]} */ types) => ({
  ...model,
  layers: model.layers.filter(({ type }) => !types.includes(type)),
});

/** A recipe's network for 28×28×1. */
const networkOf = (/** @type {string} */ name) =>
  recipeTraining(recipe(name), { images: images28, trainingImages: 10_000 }).model;

const lenet = without(networkOf("lenet"), ["dropout"]);

/** Three 3×3 convolutions. @param {import("../../dist/index.js").NetworkSpec} spec */
const conv3x3 = (spec) =>
  network(spec, [
    ...[conv2d(32, 3, { padding: "same" }), relu(), maxPool2d(2)],
    ...[conv2d(64, 3, { padding: "same" }), relu(), maxPool2d(2)],
    ...[conv2d(128, 3, { padding: "same" }), relu(), globalAveragePool2d(), dense(classes.length)],
  ]);

/** @type {Readonly<Record<string, Network>>} */
export const networks = {
  lenet: { title: "Recipe `lenet`", model: lenet, settings: plain },
  "lenet-no-lrn": {
    title: "Recipe `lenet` without local response normalization",
    model: without(lenet, ["localResponseNormalization"]),
    settings: plain,
  },
  "3x3": { title: "3×3 convolutions on 28×28×1", model: conv3x3(images28), settings: plain },
  "3x3-color": { title: "3×3 convolutions on 32×32×3", model: conv3x3(images32), settings: plain },
  fast: {
    title: "Recipe `fast` without augmentation",
    model: without(networkOf("fast"), ["randomAffine"]),
    settings: nesterov,
  },
};

/** The optimizer as Inkling takes it. @param {Settings} settings */
export const optimizerOf = ({ learningRate, momentum, weightDecay }) =>
  sgd(constantRate(learningRate), { momentum, nesterov: momentum > 0, weightDecay });

/**
 * Multiplications and additions an image: 2 × the multiply-adds of `inkling model`. Training takes three times those,
 * for y, dx and dw, without the dx of the first layer, which nobody needs.
 *
 * @param {Model} model
 * @param {boolean} training
 */
export function flopsOf(model, training) {
  const multiplyAdds = summarize(model).map((layer) => layer.multiplyAdds);
  const forward = multiplyAdds.reduce((a, b) => a + b, 0);
  const first = multiplyAdds.find((terms) => terms > 0) ?? 0;
  return 2 * (training ? 3 * forward - first : forward);
}
