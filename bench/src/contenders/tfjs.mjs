import "@tensorflow/tfjs-layers"; // registers the gradients of all ops
import "@tensorflow/tfjs-backend-cpu";
import { parseArgs } from "node:util";
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { readCaseFolder } from "../caseFolder.mjs";
import { serve, timed } from "../serve.mjs";
import { applyLayers, normalized } from "./layers.mjs";

/**
 * TensorFlow.js: it predicts in its wasm back end, and trains in plain JavaScript, since wasm has no gradient of
 * convolutions.
 */
const { values } = parseArgs({ options: { threads: { type: "string" } } });
setThreadsCount(Number(values.threads));

/**
 * The layers with each ReLU in the convolution or dense layer before it, since the fused ops are the fastest. No layer
 * may read such a ReLU by its name.
 *
 * @param {import("../networks.mjs").Model} model
 */
function fuseRelus(model) {
  /** @type {any[]} */
  const layers = [];
  for (const layer of model.layers) {
    const before = layers.at(-1);
    const fuses = layer.type === "relu" && ["conv2d", "dense"].includes(before?.type);
    if (fuses) layers[layers.length - 1] = { ...before, activation: "relu" };
    else layers.push(layer);
  }
  return { ...model, layers };
}

/** @type {import("./layers.mjs").Operations<any>} */
const operations = {
  conv2d: (layer, w, x) => {
    const { strides, padding: pad, activation } = layer;
    return tf.fused.conv2d({
      x,
      filter: w("kernel"),
      strides,
      pad,
      bias: layer.useBias ? w("bias") : undefined,
      activation,
    });
  },
  dense: ({ activation }, w, x) => tf.fused.matMul({ a: x, b: w("kernel"), bias: w("bias"), activation }),
  maxPool2d: (layer, _w, x) => tf.maxPool(x, layer.poolSize, layer.strides ?? layer.poolSize, layer.padding),
  batchNormalization: (layer, w, x) =>
    tf.batchNorm(x, w("movingMean"), w("movingVariance"), w("beta"), w("gamma"), layer.epsilon),
  localResponseNormalization: ({ depthRadius, bias, alpha, beta }, _w, x) =>
    tf.localResponseNormalization(x, depthRadius, bias, alpha, beta),
  relu: (_layer, _w, x) => tf.relu(x),
  identity: (_layer, _w, x) => x,
  add: (_layer, _w, x, y) => tf.add(x, y),
  flatten: (_layer, _w, x) => tf.reshape(x, [x.shape[0], -1]),
  globalAveragePool2d: (_layer, _w, x) => tf.mean(x, [1, 2]),
};

/** @typedef {ReturnType<typeof readCaseFolder>} Case */

/** A batch's pixels and labels, over and over. @param {Case} read @param {number} batchSize */
function batchesOf({ network, images, labels }, batchSize) {
  const pixels = normalized(network.model, images);
  const size = pixels.length / labels.length;
  const batches = Math.floor(labels.length / batchSize);
  return (/** @type {number} */ k) => {
    const first = (k % batches) * batchSize;
    return {
      x: pixels.subarray(first * size, (first + batchSize) * size),
      labels: labels.subarray(first, first + batchSize),
    };
  };
}

/** @param {Case} read */
const tensorsOf = ({ weights }) =>
  new Map([...weights].map(([name, { data, shape }]) => [name, tf.variable(tf.tensor(data, shape))]));

/** @param {Case} read @param {number} batchSize */
async function trainer(read, batchSize) {
  await tf.setBackend("cpu");
  const { model, settings } = read.network;
  const tensors = tensorsOf(read);
  const batch = batchesOf(read, batchSize);
  const optimizer = tf.train.sgd(settings.learningRate);
  const step = async (/** @type {number} */ k) => {
    const { x, labels } = batch(k);
    const loss = tf.tidy(() => {
      const y = tf.oneHot(tf.tensor1d(Int32Array.from(labels), "int32"), model.classes.length);
      const input = tf.tensor(x, [batchSize, ...model.input]);
      const logits = () => applyLayers(model, operations, input, (name) => tensors.get(name));
      const lossOf = () => /** @type {tf.Scalar} */ (tf.losses.softmaxCrossEntropy(y, logits()));
      return /** @type {tf.Scalar} */ (optimizer.minimize(lossOf, true));
    });
    const [value] = await loss.data();
    loss.dispose();
    return value;
  };
  return { variant: "cpu", results: [await step(0)], run: timed(step) };
}

/** @param {Case} read @param {number} batchSize */
async function predictor(read, batchSize) {
  await tf.setBackend("wasm");
  const { model } = read.network;
  const tensors = tensorsOf(read);
  const batch = batchesOf(read, batchSize);
  const step = async (/** @type {number} */ k) => {
    const logits = tf.tidy(() => {
      const x = tf.tensor(batch(k).x, [batchSize, ...model.input]);
      return /** @type {tf.Tensor} */ (applyLayers(model, operations, x, (name) => tensors.get(name)));
    });
    const result = await logits.data();
    logits.dispose();
    return result;
  };
  return { variant: "wasm", results: [...(await step(0))], run: timed(step) };
}

serve(async ({ folder, mode, batchSize }) => {
  const { network, ...rest } = readCaseFolder(folder);
  const read = { ...rest, network: { ...network, model: fuseRelus(network.model) } };
  const made = await (mode === "training" ? trainer : predictor)(read, batchSize);
  return { version: tf.version_core, parameters: read.parameters, ...made };
});
