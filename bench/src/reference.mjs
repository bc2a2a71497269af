import { Engine } from "../../dist/engine/engine.js";
import { feed, feedImages, imagesInMemory, inMemory, loadWeights } from "../../dist/engine/feed.js";
import { predictionProgram } from "../../dist/engine/imagePrograms.js";
import { trainingProgram } from "../../dist/engine/programs.js";
import { startFrom } from "../../dist/engine/session.js";
import { backend } from "../../dist/index.node.js";
import { buildGraph, initialWeights } from "../../dist/model/index.js";
import { optimizerOf } from "./networks.mjs";

/**
 * What every contender has to compute, by Inkling on one thread.
 *
 * @typedef {import("../../dist/index.js").Dataset} Dataset
 * @typedef {import("./networks.mjs").Network} Network
 */

/** Steps whose losses are compared. */
const STEPS = 3;

/** What training starts from: the parameters, then states such as running means. @param {Network} network */
export function firstWeights({ model }) {
  const { weights, parameters } = buildGraph(model, 1, true);
  const values = initialWeights(weights, 1);
  return {
    values,
    shapes: weights.map(({ tensor }) => /** @type {const} */ ([tensor.name, tensor.shape])),
    trained: parameters.map(({ tensor }) => tensor.name),
  };
}

/** The first images' numbers. @param {number} count */
const rows = (count) => Uint32Array.from({ length: count }, (_, n) => n);

/** The losses of the first steps, which take the images in their order. */
export async function firstLosses(
  /** @type {Network} */ network,
  /** @type {Dataset} */ data,
  /** @type {number} */ batchSize,
) {
  const optimizer = optimizerOf(network.settings);
  const program = trainingProgram(network.model, { batchSize, optimizer, steps: STEPS });
  const engine = await Engine.create([program.spec], backend("wasm"));
  startFrom(engine, program, firstWeights(network).values);
  feed(engine, program, inMemory(data.images, data.labels), rows(STEPS * batchSize));
  engine.elements("train", program.scalars).fill(network.settings.learningRate);
  await engine.run("train", STEPS);
  return [...engine.elements("train", program.loss)];
}

/** The logits [N, classes] of the first batch. */
export async function firstLogits(
  /** @type {Network} */ network,
  /** @type {Dataset} */ data,
  /** @type {number} */ batchSize,
) {
  const program = predictionProgram(network.model, { batchSize });
  const { spec, images, logits } = program;
  const engine = await Engine.create([spec], backend("wasm"));
  loadWeights(engine, program, firstWeights(network).values);
  const read = imagesInMemory(data.images, data.images.length / data.labels.length);
  feedImages(engine, spec, images, read, rows(batchSize));
  await engine.run(spec.name, 1);
  return [...engine.elements(spec.name, logits)];
}
