import { type Dataset, type Split, sha256, splitDataset } from "../datasets/index.ts";
import { Engine } from "../engine/engine.ts";
import {
  type EvaluationProgram,
  evaluationProgram,
  type TrainingProgram,
  trainingProgram,
} from "../engine/programs.ts";
import { evaluateRows, loadData, readWeights, startFrom, type Weights } from "../engine/session.ts";
import { checkDataset, EVALUATION_BATCH, type Score, scoreOf } from "../evaluation/index.ts";
import { initialWeights, type Model } from "../model/index.ts";
import { scalarsAt } from "../optimizers/index.ts";
import { InklingError } from "../tensor/error.ts";
import type { TrainEvent, TrainResult } from "./events.ts";
import type { ResolvedOptions, TrainOptions } from "./options.ts";
import { BatchOrder } from "./order.ts";

/** The most steps in one call of the compiled program. */
const MAX_STEPS = 64;
/** Seconds that a call should take, so that events and signals come through. */
const CALL_SECONDS = 0.1;

/** The programs of a run, and the data that they read. */
interface Programs {
  readonly train: TrainingProgram;
  readonly evaluate: EvaluationProgram;
  /** The program that validates: with dropout where that is asked for. */
  readonly validate: EvaluationProgram;
}

/** Trains a model step by step on one engine. */
export class Trainer {
  readonly model: Model;
  readonly options: ResolvedOptions;
  readonly split: Split;
  readonly #labels: Uint16Array;
  readonly #engine: Engine;
  readonly #programs: Programs;
  readonly #order: BatchOrder;
  readonly #signal: AbortSignal | undefined;
  #trainSeconds = 0;

  private constructor(
    model: Model,
    options: ResolvedOptions,
    split: Split,
    labels: Uint16Array,
    engine: Engine,
    programs: Programs,
    signal: AbortSignal | undefined,
  ) {
    this.model = model;
    this.options = options;
    this.split = split;
    this.#labels = labels;
    this.#engine = engine;
    this.#programs = programs;
    this.#order = new BatchOrder(split.training, options.seed);
    this.#signal = signal;
  }

  /** Compiles the model, and puts data and first weights in place. */
  static async create(
    model: Model,
    dataset: Dataset,
    options: ResolvedOptions,
    { test, signal }: TrainOptions,
  ): Promise<Trainer> {
    checkDataset(model, dataset);
    if (test) checkDataset(model, test, "the test set");
    const { labels, split } = withTest(dataset, test, splitDataset(dataset, { ...options.split, seed: options.seed }));
    const { batchSize, optimizer, seed, dropoutInValidation } = options;
    const dataSize = labels.length;
    const averages = optimizer.averageDecay > 0;
    const train = trainingProgram(model, { batchSize, optimizer, dataSize, steps: MAX_STEPS });
    const evaluate = evaluationProgram(model, { batchSize: EVALUATION_BATCH, dataSize, averages });
    const validate = dropoutInValidation
      ? evaluationProgram(model, { batchSize: EVALUATION_BATCH, dataSize, averages, dropout: true, name: "validate" })
      : evaluate;
    const specs = new Set([train.spec, evaluate.spec, validate.spec]);
    const engine = await Engine.create([...specs], options.backend);
    loadData(engine, train, dataset);
    if (test) loadData(engine, train, test, dataset.labels.length);
    startFrom(engine, train, initialWeights(train.weights, seed));
    return new Trainer(model, options, split, labels, engine, { train, evaluate, validate }, signal);
  }

  /** A copy of the weights as they are now. */
  get weights(): Weights {
    return readWeights(this.#engine, this.#programs.train);
  }

  /** Runs all steps, with validations between, and the test at the end. */
  async *train(): AsyncGenerator<TrainEvent, void> {
    const { steps, batchSize, validateEvery, backend } = this.options;
    const started = performance.now();
    const { training, validation, test } = this.split;
    const machine = { backend: backend.name, arithmetic: backend.arithmetic, threads: 1 };
    const sizes = { training: training.length, validation: validation.length, test: test.length };
    yield { type: "start", steps, batchSize, ...sizes, ...machine };
    const validates = (step: number) => step === steps - 1 || (validateEvery > 0 && step % validateEvery === 0);
    let lastScore: Score | undefined;
    let callSteps = 1;
    for (let step = 0; step < steps; ) {
      const count = stepsUntil(validates, step, Math.min(callSteps, steps - step));
      const { loss, accuracy, seconds } = this.#call(step, count);
      step += count;
      callSteps = Math.max(1, Math.min(MAX_STEPS, Math.round((callSteps + (count / seconds) * CALL_SECONDS) / 2)));
      const secondsLeft = (this.#trainSeconds / step) * (steps - step);
      yield { type: "progress", step, steps, loss, imagesPerSecond: this.#rate(step), secondsLeft };
      if (validates(step - 1)) {
        lastScore = this.#score(this.#programs.validate, validation, step);
        const scores = { loss: lastScore.loss, accuracy: lastScore.accuracy };
        yield { type: "validation", step: step - 1, minibatchLoss: loss, minibatchAccuracy: accuracy, ...scores };
      }
      await this.#pause(step);
    }
    const testScore = this.#score(this.#programs.evaluate, test, steps);
    const weightsSha256 = await sha256OfWeights(this.weights);
    const seconds = (performance.now() - started) / 1000;
    const scores = { validation: lastScore!, test: testScore };
    const result: TrainResult = {
      steps,
      ...scores,
      imagesPerSecond: this.#rate(steps),
      seconds,
      ...machine,
      weightsSha256,
    };
    yield { type: "end", result };
  }

  #rate(steps: number): number {
    return (steps * this.options.batchSize) / this.#trainSeconds;
  }

  /** One call of the compiled program; gives the last step's loss and accuracy. */
  #call(firstStep: number, count: number) {
    const { batchSize, optimizer, seed } = this.options;
    const { train } = this.#programs;
    const engine = this.#engine;
    this.#order.fill(engine.elements("train", train.rows), firstStep, count, batchSize);
    const scalars = engine.elements("train", train.scalars);
    for (let k = 0; k < count; k++) {
      const numbers = Object.values(scalarsAt(optimizer, firstStep + k));
      scalars.set(numbers, k * numbers.length);
    }
    const started = performance.now();
    engine.run("train", count, firstStep, seed);
    const seconds = Math.max((performance.now() - started) / 1000, 1e-6);
    this.#trainSeconds += seconds;
    const losses = engine.elements("train", train.loss);
    for (let k = 0; k < count; k++)
      if (!Number.isFinite(losses[k])) throw notFinite(`the loss is ${losses[k]}`, firstStep + k);
    return { loss: losses[count - 1]!, accuracy: engine.elements("train", train.accuracy)[count - 1]!, seconds };
  }

  /** Looks at the weights too: a ReLU turns NaN into 0, so the loss alone may look healthy. */
  #score(program: EvaluationProgram, rows: Uint32Array, step: number): Score {
    for (const [name, values] of this.weights)
      if (!values.every(Number.isFinite))
        throw notFinite(`${name} has a weight that is infinite or not a number`, step - 1);
    const outputs = evaluateRows(this.#engine, program, rows, this.options.seed, step);
    return scoreOf(
      outputs,
      Uint16Array.from(rows, (row) => this.#labels[row]!),
      this.model.classes.length,
    );
  }

  /** Lets other work of the program run, and stops where that is asked for. */
  async #pause(step: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve));
    if (this.#signal?.aborted)
      throw new InklingError("ABORTED", `training was stopped after ${step} of ${this.options.steps} steps`, {
        cause: this.#signal.reason,
      });
  }
}

const notFinite = (what: string, step: number): InklingError =>
  new InklingError("NOT_FINITE", `training went wrong at step ${step}: ${what}; try a smaller learning rate`);

/** At most `most` steps from `step`, ending at the next validation. */
function stepsUntil(validates: (step: number) => boolean, step: number, most: number): number {
  for (let count = 1; count < most; count++) if (validates(step + count - 1)) return count;
  return most;
}

/** The split, and all labels, with those of a test set of its own after the others. */
function withTest(
  dataset: Dataset,
  test: Dataset | undefined,
  split: Split,
): { readonly labels: Uint16Array; readonly split: Split } {
  if (!test) return { labels: dataset.labels, split };
  const first = dataset.labels.length;
  const labels = new Uint16Array(first + test.labels.length);
  labels.set(dataset.labels);
  labels.set(test.labels, first);
  return { labels, split: { ...split, test: Uint32Array.from(test.labels, (_, i) => first + i) } };
}

/** SHA-256 of all weights, one parameter after the other. */
async function sha256OfWeights(weights: Weights): Promise<string> {
  const all = Float32Array.from([...weights.values()].flatMap((values) => [...values]));
  return sha256(new Uint8Array(all.buffer));
}
