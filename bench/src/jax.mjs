import { readFileSync } from "node:fs";
import { defaultDevice, init, jit, lax, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { cyclingRows } from "./contender.mjs";
import { BATCH, batchAt, CLASSES, initialWeights, LEARNING_RATE, SIDE } from "./network.mjs";

await init("wasm");
defaultDevice("wasm");

const name = "jax-js wasm";
const packageFile = new URL("../package.json", import.meta.resolve("@jax-js/jax"));
/** @type {{ version: string }} */
const { version } = JSON.parse(readFileSync(packageFile, "utf8"));

/** @typedef {import("@jax-js/jax").Array} Array */
/** @typedef {{ readonly w: Array, readonly b: Array }} Layer */
/** @typedef {Record<string, Layer>} Layers */
/** @typedef {import("./network.mjs").Weight} Weight */

const CHANNELS = 16;
/** The sum over 9 neighbouring channels, times alpha, as a 1×1 convolution [O,I,1,1]. */
const band = Float32Array.from({ length: CHANNELS * CHANNELS }, (_, k) =>
  Math.abs(Math.floor(k / CHANNELS) - (k % CHANNELS)) <= 4 ? 0.001 / 9 : 0,
);

/** An array of its own, which the library frees. @param {Float32Array} data @param {readonly number[]} shape */
const arrayOf = (data, shape) => np.array(data.slice()).reshape([...shape]);

/** @param {Weight} weight */
const plain = ({ shape, data }) => arrayOf(data, shape);

/** [5,5,I,O] → [O,I,5,5], as here channels come before height and width. @param {Weight} weight */
const kernel = (weight) => np.transpose(plain(weight), [3, 2, 0, 1]);

/** Rows by height, width, channel → rows by channel, height, width. @param {Weight} weight */
const flattened = (weight) =>
  np.transpose(plain(weight).reshape([7, 7, CHANNELS, -1]), [2, 0, 1, 3]).reshape([...weight.shape]);

/** @returns {Layers} */
function initialLayers() {
  const { conv1, conv2, conv3, hidden, logits } = initialWeights;
  return {
    conv1: { w: kernel(conv1.w), b: plain(conv1.b) },
    conv2: { w: kernel(conv2.w), b: plain(conv2.b) },
    conv3: { w: kernel(conv3.w), b: plain(conv3.b) },
    hidden: { w: flattened(hidden.w), b: plain(hidden.b) },
    logits: { w: plain(logits.w), b: plain(logits.b) },
  };
}

/** @param {Array} x @param {Layer} layer */
const convolve = (x, { w, b }) => nn.relu(lax.conv(x, w, [1, 1], "SAME").add(b.reshape([CHANNELS, 1, 1])));

/** Max-pooling 2×2, and local response normalisation by hand: x · t^−0.75 = x / (√t · √√t). @param {Array} input */
function poolAndNormalize(input) {
  const x = lax.reduceWindow(input, np.max, [2, 2], [2, 2]);
  const squares = lax.conv(np.square(x.ref), arrayOf(band, [CHANNELS, CHANNELS, 1, 1]), [1, 1], "VALID");
  const root = np.sqrt(squares.add(1));
  return x.div(root.ref.mul(np.sqrt(root)));
}

/** @param {Array} x @param {Layer} layer */
const dense = (x, { w, b }) => np.matmul(x, w).add(b);

/** [N,1,28,28] → [N,10] @param {Layers} layers @param {Array} x */
function logitsOf({ conv1, conv2, conv3, hidden, logits }, x) {
  const first = poolAndNormalize(convolve(x, conv1));
  const second = poolAndNormalize(convolve(first, conv2));
  const third = convolve(second, conv3);
  return dense(nn.relu(dense(third.reshape([third.shape[0], -1]), hidden)), logits);
}

/** The mean cross-entropy of a batch. @param {Layers} layers @param {Array} x @param {Array} y */
const lossOf = (layers, x, y) => np.sum(nn.logSoftmax(logitsOf(layers, x)).mul(y)).mul(-1 / BATCH);

/** Loss, gradients and update, compiled as one. */
const step = jit((/** @type {Layers} */ layers, /** @type {Array} */ x, /** @type {Array} */ y) => {
  const [loss, gradients] = valueAndGrad(lossOf)(tree.ref(layers), x, y);
  const update = (/** @type {Array} */ w, /** @type {Array} */ dw) => w.sub(dw.mul(LEARNING_RATE));
  return /** @type {[Array, Layers]} */ ([loss, tree.map(update, layers, gradients)]);
});

/** Trains on one thread: in Node, the library starts no workers. @returns {Promise<import("./contender.mjs").Trainer>} */
export async function jaxTrainer() {
  let layers = initialLayers();
  const rows = cyclingRows(BATCH);
  return {
    name,
    version,
    async train() {
      const { pixels, oneHot } = batchAt(rows(), BATCH);
      const [loss, updated] = step(layers, arrayOf(pixels, [BATCH, 1, SIDE, SIDE]), arrayOf(oneHot, [BATCH, CLASSES]));
      layers = updated;
      return [...(await loss.data())];
    },
  };
}

/** @param {number} batchSize @returns {Promise<import("./contender.mjs").Predictor>} */
export async function jaxPredictor(batchSize) {
  const layers = initialLayers();
  const logits = jit(logitsOf);
  return {
    name,
    version,
    async predict(row) {
      const x = arrayOf(batchAt(row, batchSize).pixels, [batchSize, 1, SIDE, SIDE]);
      return /** @type {Float32Array} */ (await logits(tree.ref(layers), x).data());
    },
  };
}
