import { existsSync } from "node:fs";
import { InklingError } from "../../src/base/error.ts";
import { dense, flatten, relu } from "../../src/layers/index.ts";
import { network } from "../../src/model/index.ts";
import { sgd } from "../../src/optimizers/index.ts";
import type { StudyDefinition } from "../../src/search/definition.ts";
import { runStudy, type StudyOptions, type Workers } from "../../src/search/node/runStudy.ts";
import { readStudy, StudyFolder } from "../../src/search/node/studyFolder.ts";
import { runTrial, type TrialTask } from "../../src/search/node/trial.ts";
import { trialSpec } from "../../src/search/trialSpec.ts";
import { choice, defineRecipe, logUniform, TrainingData } from "../../src/training/index.ts";
import { parseSpace } from "../../src/training/space/parameter.ts";
import { bars } from "../training/data.ts";

/** A study of a network that trains in milliseconds. */
export const recipe = defineRecipe({
  name: "tiny",
  description: "",
  space: { learningRate: logUniform(0.01, 1e20, { default: 0.1 }), batchSize: choice(8, 4), width: choice(4, 8) },
  network: (images, _, { width }) => network(images, [flatten(), dense(width), relu(), dense(images.classes.length)]),
  batchSize: 8,
  length: { steps: 36 },
  optimizer: (_steps, _rate, { learningRate }) => sgd(learningRate),
});
export const data = new TrainingData(bars(120), { seed: 3 });
export const base = { recipe, data, origin: { source: "bars" }, overrides: {}, backend: "wasm" };
export const definition: StudyDefinition = {
  space: parseSpace(recipe.space),
  initial: [],
  sampler: "tpe",
  seed: 3,
  maximize: true,
  lag: 4,
  pruning: { type: "halving", factor: 3, comparisons: 1 },
};
export const TRIALS = 9;

/** Trains in this process, a number of trials at once, and throws like a killed process before the results that `isKilled` names. */
export class Here implements Workers {
  readonly count: number;
  readonly #abort = new AbortController();
  readonly #isKilled: () => boolean;
  constructor(count: number, isKilled = () => false) {
    this.count = count;
    this.#isKilled = isKilled;
  }
  async run(task: TrialTask) {
    const { dataset } = data;
    const own = task.spec.split.folds === undefined ? data : new TrainingData(dataset, task.spec);
    const result = await runTrial(task, own, { threads: 1, signal: this.#abort.signal });
    if (this.#isKilled()) throw new InklingError("FILE_SYSTEM", "killed");
    return result;
  }
  stop() {
    this.#abort.abort();
  }
  close() {}
}

export const optionsFor = (study: StudyFolder): StudyOptions => ({
  keep: 2,
  async tasksOf({ trial, parameters, resource }) {
    const spec = await trialSpec(base, parameters);
    return [{ spec, steps: Math.ceil(spec.steps * resource), folder: study.runOf(trial) }];
  },
});

/** Runs a study in a folder, or goes on with it. */
export async function search(
  path: string,
  workers: Workers,
  trials = TRIALS,
  more: Partial<StudyOptions> = {},
): Promise<void> {
  const training = { recipe: "tiny", origin: { source: "bars" }, overrides: {}, backend: "wasm" };
  const study = existsSync(path)
    ? await StudyFolder.resume(path)
    : await StudyFolder.create(path, { definition, training, trials });
  try {
    await study.extend(trials);
    await runStudy(study, workers, { ...optionsFor(study), ...more });
  } finally {
    await study.close();
  }
}

/** Everything that a study has found, in an order of its own. */
export async function found(path: string) {
  const { study, records } = await readStudy(path);
  const weights = records.map(({ trial, rung, weightsSha256 }) => `${trial}/${rung} ${weightsSha256}`).sort();
  return { isDone: study.isDone, trials: study.trials, best: study.best?.number, weights };
}
