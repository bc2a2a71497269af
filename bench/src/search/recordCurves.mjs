/**
 * Records the learning curves of 100 random settings of the recipe `fast`: the validation accuracy after each of 27 epochs of
 * 1,536 letters. `curves.mjs` compares searches on them. It takes about a quarter of an hour of one processor, goes on
 * where it was stopped, and stops by itself after `--most` curves.
 *
 *     npm --prefix bench run search-record-curves -- [--most 10]
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { backend, InklingError, recipe, sampler, TrainingData, trainSpec } from "../../../dist/index.node.js";
import { openDataset } from "../../../dist/node.js";
import { trialSpec } from "../../../dist/search/trialSpec.js";

/**
 * @typedef {import("../../../dist/index.js").Parameters} Parameters
 * @typedef {{ parameters: Parameters, accuracies: number[] }} Curve the accuracy after each epoch (and the first step of the
 *   next one), as far as the weights stayed finite
 * @typedef {{ formatVersion: 1, epochs: number, trainingImages: number, validationImages: number, curves: Curve[] }} Recording
 */

const { values: options } = parseArgs({ options: { most: { type: "string", default: "100" } } });
const SETTINGS = 100;
const EPOCHS = 27;
/** A multiple of all batch sizes, so that an epoch ends with a step. */
const TRAINING_IMAGES = 1536;
const VALIDATION_IMAGES = 2000;

const fast = recipe("fast");
const space = fast.space ?? {};
const split = { training: TRAINING_IMAGES, validation: VALIDATION_IMAGES };
const data = new TrainingData(await openDataset("letters"), { seed: 1, split });
const base = { recipe: fast, data, origin: { source: "letters" }, backend: backend().name };

/** @param {Parameters} parameters @returns {Promise<Curve>} */
async function record(parameters) {
  const spec = await trialSpec({ ...base, overrides: { epochs: EPOCHS } }, parameters);
  const validateEvery = TRAINING_IMAGES / spec.batchSize;
  /** @type {number[]} */
  const accuracies = [];
  try {
    for await (const event of trainSpec({ ...spec, validateEvery }, data, { testAtEnd: false, threads: 1 }))
      if (event.type === "validation" && event.step > 0) accuracies.push(event.accuracy);
  } catch (error) {
    if (!(error instanceof InklingError && error.code === "NOT_FINITE")) throw error;
  }
  return { parameters, accuracies };
}

const file = fileURLToPath(new URL("../../results/learning-curves.json", import.meta.url));
/** @type {Recording} */
const recording = existsSync(file)
  ? JSON.parse(readFileSync(file, "utf8"))
  : {
      ...{ formatVersion: 1, epochs: EPOCHS, curves: [] },
      ...{ trainingImages: TRAINING_IMAGES, validationImages: VALIDATION_IMAGES },
    };
const end = Math.min(SETTINGS, recording.curves.length + Number(options.most));
for (let trial = recording.curves.length; trial < end; trial++) {
  const curve = await record(sampler("random").ask({ space, seed: 1, trial, history: [], pending: [] }));
  recording.curves.push(curve);
  writeFileSync(`${file}.part`, `${JSON.stringify(recording)}\n`);
  renameSync(`${file}.part`, file);
  console.log(`${trial + 1} of ${SETTINGS}: ${curve.accuracies.at(-1)} after ${curve.accuracies.length} epochs`);
}
