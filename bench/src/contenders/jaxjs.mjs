import { readFileSync } from "node:fs";
import { defaultDevice, init, jit, lax, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { readCaseFolder } from "../caseFolder.mjs";
import { serve, timed, Unsupported } from "../serve.mjs";
import { applyLayers, normalized } from "./layers.mjs";

/** jax-js in its wasm back end, with the whole step in one jit; in Node it starts no threads. */
await init("wasm");
defaultDevice("wasm");

const packageFile = new URL("../package.json", import.meta.resolve("@jax-js/jax"));
/** @type {{ version: string }} */
const { version } = JSON.parse(readFileSync(packageFile, "utf8"));

/** @typedef {import("@jax-js/jax").Array} Array */

/** An array of its own, which the library frees. @param {Float32Array} data @param {readonly number[]} shape */
const arrayOf = (data, shape) => np.array(data.slice()).reshape([...shape]);

/**
 * Local response normalization: the sum over neighboring channels as a 1×1 convolution; beta is 0.75.
 *
 * @param {{ depthRadius: number, alpha: number, bias: number }} layer
 * @param {Array} x
 */
function normalize({ depthRadius, alpha, bias }, x) {
  const channels = x.shape[1];
  const band = Float32Array.from({ length: channels * channels }, (_, k) =>
    Math.abs(Math.floor(k / channels) - (k % channels)) <= depthRadius ? alpha : 0,
  );
  const kernel = arrayOf(band, [channels, channels, 1, 1]);
  const root = np.sqrt(lax.conv(np.square(x.ref), kernel, [1, 1], "VALID").add(bias));
  return x.div(root.ref.mul(np.sqrt(root)));
}

/** @type {import("./layers.mjs").Operations<Array>} */
const operations = {
  conv2d: (layer, w, x) =>
    lax
      .conv(x, np.transpose(w("kernel"), [3, 2, 0, 1]), layer.strides, layer.padding.toUpperCase())
      .add(w("bias").reshape([layer.filters, 1, 1])),
  dense: (_layer, w, x) => np.matmul(x, w("kernel")).add(w("bias")),
  maxPool2d: (layer, _w, x) => lax.reduceWindow(x, np.max, layer.poolSize, layer.strides ?? layer.poolSize),
  localResponseNormalization: (layer, _w, x) => normalize(layer, x),
  relu: (_layer, _w, x) => nn.relu(x),
  flatten: (_layer, _w, x) => np.transpose(x, [0, 2, 3, 1]).reshape([x.shape[0], -1]),
};

serve(async ({ folder, mode, batchSize }) => {
  if (mode !== "training") throw new Unsupported("predicts far slower than the others");
  const { network, weights, images, labels, parameters } = readCaseFolder(folder);
  const { model, settings } = network;
  if (settings.momentum !== 0) throw new Unsupported("trains without momentum here");
  const [height, width, channels] = model.input;
  if (channels !== 1) throw new Unsupported("takes one channel here");
  const classes = model.classes.length;
  const pixels = normalized(model, images);
  const oneHot = new Float32Array(labels.length * classes);
  for (const [n, label] of labels.entries()) oneHot[n * classes + label] = 1;
  const rows = (/** @type {Float32Array} */ all, /** @type {number} */ first) =>
    all.subarray((first * all.length) / labels.length, ((first + batchSize) * all.length) / labels.length);

  /** @typedef {Record<string, Array>} Layers */
  const lossOf = (/** @type {Layers} */ layers, /** @type {Array} */ x, /** @type {Array} */ y) => {
    const logits = applyLayers(model, operations, x, (name) => layers[name].ref);
    return np.sum(nn.logSoftmax(logits).mul(y)).mul(-1 / batchSize);
  };
  const update = (/** @type {Array} */ w, /** @type {Array} */ dw) => w.sub(dw.mul(settings.learningRate));
  const compiled = jit((/** @type {Layers} */ layers, /** @type {Array} */ x, /** @type {Array} */ y) => {
    const [loss, gradients] = valueAndGrad(lossOf)(tree.ref(layers), x, y);
    return /** @type {[Array, Layers]} */ ([loss, tree.map(update, layers, gradients)]);
  });

  /** @type {Layers} */
  let layers = Object.fromEntries([...weights].map(([name, { data, shape }]) => [name, arrayOf(data, shape)]));
  const batches = Math.floor(labels.length / batchSize);
  const step = async (/** @type {number} */ k) => {
    const first = (k % batches) * batchSize;
    const x = arrayOf(rows(pixels, first), [batchSize, 1, height, width]);
    const [loss, updated] = compiled(layers, x, arrayOf(rows(oneHot, first), [batchSize, classes]));
    layers = updated;
    return (await loss.data())[0];
  };
  return { version, parameters, results: [await step(0)], run: timed(step) };
});
