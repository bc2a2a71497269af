/**
 * Records the learning curves of 100 random settings of a recipe on the letters: the validation accuracy after each 27th of the
 * training. `curves.mjs` compares searches on them. It takes about a quarter of an hour of one processor, continues where it was
 * stopped, and stops by itself after `--most` curves.
 *
 *     npm --prefix bench run search-record-curves -- [--recipe fast] [--most 10]
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { backend, InklingError, recipe, sampler, TrainingData, trainSpec } from "../../../dist/index.node.js";
import { openDataset } from "../../../dist/node.js";
import { trialSpec } from "../../../dist/search/trialSpec.js";

/**
 * @typedef {import("../../../dist/index.js").Parameters} Parameters
 * @typedef {{ parameters: Parameters, accuracies: number[] }} Curve the accuracy after each part of the training (and one step
 *   more, except at the end), while the weights stayed finite
 * @typedef {{ formatVersion: 1, parts: number, curves: Curve[] }} Recording
 */

const SETTINGS = 100;
const PARTS = 27;
/** Trainings whose parts end with a step at every batch size: 27 epochs, or 27 · 9 steps of the largest batches of 64. */
const plans = {
  fast: { overrides: { epochs: PARTS }, split: { training: 1536, validation: 2000 } },
  lenet: { overrides: { steps: (PARTS * 9 * 64) / 16 }, split: { validation: 2000 } },
};

const text = { type: /** @type {const} */ ("string") };
const { values: options } = parseArgs({
  options: { recipe: { ...text, default: "fast" }, most: { ...text, default: `${SETTINGS}` } },
});
const name = /** @type {keyof typeof plans} */ (options.recipe);
const { overrides, split } = plans[name];
const data = new TrainingData(await openDataset("letters"), { seed: 1, split });
const base = { recipe: recipe(name), data, origin: { source: "letters" }, overrides, backend: backend().name };
const space = base.recipe.space ?? {};

/** @param {Parameters} parameters @returns {Promise<Curve>} */
async function record(parameters) {
  const spec = await trialSpec(base, parameters);
  const validateEvery = spec.steps / PARTS;
  /** @type {number[]} */
  const accuracies = [];
  try {
    for await (const event of trainSpec({ ...spec, validateEvery }, data, { testAtEnd: false, threads: 1 }))
      if (event.type === "validation" && event.step > 0) accuracies.push(Number(event.accuracy.toFixed(4)));
  } catch (error) {
    if (!(error instanceof InklingError && error.code === "NOT_FINITE")) throw error;
  }
  return { parameters, accuracies };
}

const file = fileURLToPath(new URL(`../../results/learning-curves-${name}.json`, import.meta.url));
/** @type {Recording} */
const recording = existsSync(file)
  ? JSON.parse(readFileSync(file, "utf8"))
  : { formatVersion: 1, parts: PARTS, curves: [] };
const end = Math.min(SETTINGS, recording.curves.length + Number(options.most));
for (let trial = recording.curves.length; trial < end; trial++) {
  const curve = await record(sampler("random").ask({ space, seed: 1, trial, history: [], pending: [] }));
  recording.curves.push(curve);
  writeFileSync(`${file}.part`, `${JSON.stringify(recording)}\n`);
  renameSync(`${file}.part`, file);
  console.log(
    `${trial + 1} of ${SETTINGS}: ${curve.accuracies.at(-1)} after ${curve.accuracies.length} of ${PARTS} parts`,
  );
}
