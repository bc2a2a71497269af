import { readFileSync } from "node:fs";
import { decodeSafetensors } from "../../dist/export/safetensors.js";

/**
 * What every contender starts from: the weights, images and labels of the project's golden trajectory, and
 * the loss of each of its 100 steps in float64. A contender whose losses follow it trains the same network.
 *
 * @typedef {{ readonly shape: readonly number[], readonly data: Float32Array }} Weight
 */
const golden = new URL("../../test/golden/", import.meta.url);
const { tensors } = decodeSafetensors(readFileSync(new URL("seed_trajectory.safetensors", golden)));

/** @type {{ lossFloat64: number[], batchSize: number }} */
const trajectory = JSON.parse(readFileSync(new URL("seed_trajectory.json", golden), "utf8"));

/** Images of a training step. */
export const BATCH = trajectory.batchSize;
/** The learning rate of every step. */
export const LEARNING_RATE = 0.1;
/** The loss of each step before its update. */
export const goldenLosses = trajectory.lossFloat64;
export const CLASSES = 10;
export const SIDE = 28;
const PIXELS = SIDE * SIDE;

/** [1600,28,28] */
export const images = /** @type {Uint8Array} */ (/** @type {unknown} */ (tensors.get("images")?.data));
export const labels = Uint16Array.from(tensors.get("labels")?.data ?? []);
export const COUNT = labels.length;
/** Both in rows of one image; pixels as the network sees them, (p − 127.5) / 255. */
const pixels = Float32Array.from(images, (p) => (p - 127.5) / 255);
const oneHot = new Float32Array(COUNT * CLASSES);
for (const [n, label] of labels.entries()) oneHot[n * CLASSES + label] = 1;

/** `count` images from the given row on, as [count,28,28] and [count,10]. */
export const batchAt = (/** @type {number} */ row, /** @type {number} */ count) => ({
  pixels: pixels.subarray(row * PIXELS, (row + count) * PIXELS),
  oneHot: oneHot.subarray(row * CLASSES, (row + count) * CLASSES),
});

/** The names of the layers with weights. */
const layers = /** @type {const} */ (["conv1", "conv2", "conv3", "hidden", "logits"]);

/** @typedef {{ readonly [layer in typeof layers[number]]: { readonly w: Weight, readonly b: Weight } }} Weights */

/** @param {string} name @returns {Weight} */
function initial(name) {
  const found = tensors.get(`initial.${name}`);
  if (!found) throw new Error(`the golden trajectory has no ${name}`);
  return { shape: found.shape, data: /** @type {Float32Array} */ (found.data) };
}

/** Convolutions [5,5,I,O], dense layers [I,O], rows of the first dense layer by height, width, channel. */
export const initialWeights = /** @type {Weights} */ (
  Object.fromEntries(layers.map((name) => [name, { w: initial(`${name}.weight`), b: initial(`${name}.bias`) }]))
);
