import { readFileSync } from "node:fs";
import "../../dist/node.js"; // lets Node 20 have the fused multiply-add
import { wasmBackend } from "../../dist/backends/wasm/backend.js";
import { Engine } from "../../dist/engine/engine.js";
import { evaluationProgram, trainingProgram } from "../../dist/engine/programs.js";
import { evaluateRows, feed, inMemory, loadWeights } from "../../dist/engine/session.js";
import { constantRate, recipe, sgd } from "../../dist/index.js";
import { BATCH, goldenLosses, images, initialWeights, LEARNING_RATE, labels, SIDE } from "./network.mjs";

/** @type {{ version: string }} */
const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const backend = wasmBackend();
const name = `Inkling wasm (${backend.arithmetic})`;

export const model = recipe("seed").network({ input: [SIDE, SIDE, 1], classes: [..."ABCDEFGHIJ"] }, {});

const { conv1, conv2, conv3, hidden, logits } = initialWeights;
const named = { conv2d_1: conv1, conv2d_2: conv2, conv2d_3: conv3, dense_1: hidden, dense_2: logits };
const weights = new Map(
  Object.entries(named).flatMap(([layer, { w, b }]) => [
    [`${layer}.kernel`, w.data],
    [`${layer}.bias`, b.data],
  ]),
);

/** @typedef {import("../../dist/engine/programs.js").TrainingProgram} TrainingProgram */
/** @typedef {import("../../dist/engine/programs.js").EvaluationProgram} EvaluationProgram */

const data = inMemory(images, labels);

/** @param {TrainingProgram | EvaluationProgram} program */
async function engineOf(program) {
  const engine = await Engine.create([program.spec], backend);
  loadWeights(engine, program, weights);
  return engine;
}

/** Trains on one thread, all steps of the trajectory in a call. @returns {Promise<import("./contender.mjs").Trainer>} */
export async function inklingTrainer() {
  const steps = goldenLosses.length;
  const optimizer = sgd(constantRate(LEARNING_RATE));
  const program = trainingProgram(model, { batchSize: BATCH, optimizer, steps });
  const engine = await engineOf(program);
  return {
    name,
    version,
    async train() {
      feed(
        engine,
        program,
        data,
        Uint32Array.from({ length: steps * BATCH }, (_, n) => n),
      );
      // Plain SGD has one number a step, its learning rate.
      engine.elements("train", program.scalars).fill(LEARNING_RATE);
      engine.run("train", steps);
      return [...engine.elements("train", program.loss)];
    },
  };
}

/** Predicts on one thread. @param {number} batchSize @returns {Promise<import("./contender.mjs").Predictor>} */
export async function inklingPredictor(batchSize) {
  const program = evaluationProgram(model, { batchSize });
  const engine = await engineOf(program);
  return {
    name,
    version,
    predict: async (row) =>
      evaluateRows(
        engine,
        program,
        data,
        Uint32Array.from({ length: batchSize }, (_, n) => row + n),
      ).logits,
  };
}
