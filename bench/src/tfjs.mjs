import "@tensorflow/tfjs-layers"; // registers the gradients of all ops
import "@tensorflow/tfjs-backend-cpu";
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { cyclingRows } from "./contender.mjs";
import { BATCH, batchAt, CLASSES, initialWeights, LEARNING_RATE, SIDE } from "./network.mjs";

setThreadsCount(1);

/** @typedef {import("@tensorflow/tfjs-core").Tensor} Tensor @typedef {import("@tensorflow/tfjs-core").Tensor4D} Tensor4D */
/** @typedef {{ readonly w: Tensor, readonly b: Tensor }} Layer */

/** The weights on the back end in use. */
const variables = () =>
  Object.fromEntries(
    Object.entries(initialWeights).map(([name, { w, b }]) => [
      name,
      { w: tf.variable(tf.tensor(w.data, [...w.shape])), b: tf.variable(tf.tensor(b.data, [...b.shape])) },
    ]),
  );

/** The fused op, which is the library's fastest for inference. @param {Tensor} x @param {Layer} layer */
const convolve = (x, { w, b }) =>
  tf.fused.conv2d({
    x: /** @type {Tensor4D} */ (x),
    filter: /** @type {Tensor4D} */ (w),
    strides: 1,
    pad: "same",
    bias: b,
    activation: "relu",
  });

/** @param {Tensor} x */
const poolAndNormalize = (x) =>
  tf.localResponseNormalization(tf.maxPool(/** @type {Tensor4D} */ (x), 2, 2, "same"), 4, 1, 0.001 / 9, 0.75);

/** @param {Tensor} x @param {Layer} layer @param {"linear" | "relu"} activation */
const dense = (x, { w, b }, activation) => tf.fused.matMul({ a: x, b: w, bias: b, activation });

/** [N,28,28,1] → [N,10] @param {Record<string, Layer>} layers @param {Tensor} x */
function logitsOf({ conv1, conv2, conv3, hidden, logits }, x) {
  const first = poolAndNormalize(convolve(x, conv1));
  const second = poolAndNormalize(convolve(first, conv2));
  const third = convolve(second, conv3);
  const flat = tf.reshape(third, [third.shape[0], -1]);
  return dense(dense(flat, hidden, "relu"), logits, "linear");
}

/** Trains in plain JavaScript: the wasm back end has no gradient of convolutions. @returns {Promise<import("./contender.mjs").Trainer>} */
export async function tfjsTrainer() {
  await tf.setBackend("cpu");
  const layers = variables();
  const optimizer = tf.train.sgd(LEARNING_RATE);
  const rows = cyclingRows(BATCH);
  return {
    name: "TensorFlow.js cpu",
    version: tf.version_core,
    async train() {
      await tf.setBackend("cpu");
      const { pixels, oneHot } = batchAt(rows(), BATCH);
      const loss = tf.tidy(() => {
        const x = tf.tensor4d(pixels, [BATCH, SIDE, SIDE, 1]);
        const y = tf.tensor2d(oneHot, [BATCH, CLASSES]);
        const lossOf = () => /** @type {tf.Scalar} */ (tf.losses.softmaxCrossEntropy(y, logitsOf(layers, x)));
        return /** @type {tf.Scalar} */ (optimizer.minimize(lossOf, true));
      });
      const value = (await loss.data())[0];
      loss.dispose();
      return [value];
    },
  };
}

/** Predicts with WebAssembly SIMD on one thread. @param {number} batchSize @returns {Promise<import("./contender.mjs").Predictor>} */
export async function tfjsPredictor(batchSize) {
  await tf.setBackend("wasm");
  const layers = variables();
  return {
    name: "TensorFlow.js wasm",
    version: tf.version_core,
    async predict(row) {
      const logits = tf.tidy(() =>
        logitsOf(layers, tf.tensor4d(batchAt(row, batchSize).pixels, [batchSize, SIDE, SIDE, 1])),
      );
      const values = /** @type {Float32Array} */ (await logits.data());
      logits.dispose();
      return values;
    },
  };
}
