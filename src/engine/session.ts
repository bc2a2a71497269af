import { InklingError } from "../base/error.ts";
import { copyRows } from "../base/rows.ts";
import { sizeOf } from "../base/shape.ts";
import type { Tensor } from "../ops/graph.ts";
import type { Engine } from "./engine.ts";
import type { EvaluationProgram, Fed, TrainingProgram } from "./programs.ts";
import { AVERAGE } from "./update.ts";

/** What a trained model consists of, by name: parameters, and states such as running means. */
export type Weights = ReadonlyMap<string, Float32Array>;

type AnyProgram = TrainingProgram | EvaluationProgram;
const asFloat = (t: Tensor) => ({ ...t, type: "f32" }) as const;

/** Labelled images by row, in memory or elsewhere. */
export interface LabelledImages {
  readonly labels: ArrayLike<number>;
  /** What the loss of an image of each class is multiplied by, where programs weigh losses. */
  readonly classWeights?: readonly number[] | undefined;
  /** Copies the images of some rows, one after another. */
  readonly read: (rows: ArrayLike<number>, target: Uint8Array) => void;
}

/** All images in one array. */
export const inMemory = (images: Uint8Array, labels: ArrayLike<number>): LabelledImages => ({
  labels,
  read: (rows, target) => copyRows(images, images.length / labels.length, rows, target),
});

/** Puts the images and labels of a call's batches in the program's memory, one batch after another. */
export function feed(
  engine: Engine,
  program: AnyProgram,
  from: LabelledImages,
  rows: Uint32Array,
  { images, labels, sampleWeights }: Fed = program,
): void {
  const { spec } = program;
  const size = sizeOf(images.shape.slice(1));
  from.read(rows, engine.elements(spec.name, images).subarray(0, rows.length * size));
  const fed = engine.elements(spec.name, labels);
  for (let i = 0; i < rows.length; i++) fed[i] = from.labels[rows[i]!]!;
  if (!sampleWeights || !from.classWeights) return;
  const weights = engine.elements(spec.name, sampleWeights);
  for (let i = 0; i < rows.length; i++) weights[i] = from.classWeights[fed[i]!]!;
}

/** Puts weights in the program's memory, where all programs of the engine share them. */
export function loadWeights(engine: Engine, program: AnyProgram, values: Weights): void {
  for (const { tensor } of program.weights)
    engine.elements(program.spec.name, asFloat(tensor)).set(values.get(tensor.name)!);
}

/** Puts the weights that training starts from in the program's memory; moving averages start at them. */
export function startFrom(engine: Engine, program: TrainingProgram, values: Weights): void {
  loadWeights(engine, program, values);
  for (const [name, average] of program.averages)
    engine.elements(program.spec.name, asFloat(average)).set(values.get(name)!);
}

/** A copy of the trained weights, in the model's order: the moving averages, where they are kept. */
export const readWeights = (engine: Engine, { spec, weights, averages }: TrainingProgram): Weights =>
  new Map(
    weights.map(({ tensor }) => {
      const trained = averages.get(tensor.name) ?? tensor;
      return [tensor.name, engine.elements(spec.name, asFloat(trained)).slice()];
    }),
  );

/** Puts trained weights where {@link readWeights} takes them from. */
export function writeWeights(engine: Engine, { spec, averages }: TrainingProgram, values: Weights): void {
  for (const [name, value] of values) {
    const place = averages.get(name) ?? spec.state.find((tensor) => tensor.name === name)!;
    engine.elements(spec.name, asFloat(place)).set(value);
  }
}

/** The tensors of a training program that a step changes, by name: with the number of steps done, all it takes to go on. */
export type TrainingState = ReadonlyMap<string, Float32Array>;

/** The state in the program's own memory: weights, what the optimizer keeps for them, running statistics. */
export const stateElements = (engine: Engine, { spec, state }: TrainingProgram): TrainingState =>
  new Map(state.map((tensor) => [tensor.name, engine.elements(spec.name, asFloat(tensor))]));

/** The trained weights within a state, by the names given: the moving averages, where they are kept. */
export const weightsOf = (state: TrainingState, names: readonly string[]): Weights =>
  new Map(names.map((name) => [name, state.get(name + AVERAGE) ?? state.get(name)!]));

/** A copy of the state. */
export const readState = (engine: Engine, program: TrainingProgram): TrainingState =>
  new Map([...stateElements(engine, program)].map(([name, values]) => [name, values.slice()]));

/** Puts a state in place. Throws `INVALID_DATA` where a tensor is missing, too many, or of another size. */
export function writeState(engine: Engine, program: TrainingProgram, values: TrainingState): void {
  const places = stateElements(engine, program);
  const unknown = [...values.keys()].find((name) => !places.has(name));
  if (unknown !== undefined)
    throw new InklingError(
      "INVALID_DATA",
      `checkpoint: ${unknown} is not part of this training; resume the one that it is of`,
    );
  for (const [name, place] of places) {
    const found = values.get(name);
    if (found?.length !== place.length)
      throw new InklingError(
        "INVALID_DATA",
        `checkpoint: ${name} has ${found?.length ?? "no"} elements, expected ${place.length}; resume the training that it is of`,
      );
  }
  for (const [name, place] of places) place.set(values.get(name)!);
}

/** What a model says of some rows, in their order. */
export interface RowOutputs {
  /** [rows, K] */
  readonly logits: Float32Array;
  /** Nats, one a row. */
  readonly losses: Float32Array;
  /** 1 where the first greatest logit is the label's. */
  readonly correct: Float32Array;
}

/** Runs rows of the data through the evaluation program. */
export async function evaluateRows(
  engine: Engine,
  program: EvaluationProgram,
  from: LabelledImages,
  rows: ArrayLike<number>,
  seed = 0,
  step = 0,
): Promise<RowOutputs> {
  const batches = evaluateBatches(engine, program, from, rows, seed, step);
  for (;;) {
    const { done, value } = await batches.next();
    if (done) return value;
  }
}

/** Runs rows of the data through the evaluation program, a batch at a time; the last batch is filled up with its last row. */
export async function* evaluateBatches(
  engine: Engine,
  program: EvaluationProgram,
  from: LabelledImages,
  rows: ArrayLike<number>,
  seed: number,
  step: number,
): AsyncGenerator<void, RowOutputs> {
  const batch = program.spec.batch;
  const name = program.spec.name;
  const classes = program.logits.shape[1]!;
  const fed = new Uint32Array(batch);
  const outputs: RowOutputs = {
    logits: new Float32Array(rows.length * classes),
    losses: new Float32Array(rows.length),
    correct: new Float32Array(rows.length),
  };
  for (let first = 0; first < rows.length; first += batch) {
    const count = Math.min(batch, rows.length - first);
    for (let n = 0; n < batch; n++) fed[n] = rows[first + Math.min(n, count - 1)]!;
    feed(engine, program, from, fed);
    await engine.run(name, 1, step, seed);
    outputs.logits.set(engine.elements(name, program.logits).subarray(0, count * classes), first * classes);
    outputs.losses.set(engine.elements(name, program.losses).subarray(0, count), first);
    outputs.correct.set(engine.elements(name, program.correct).subarray(0, count), first);
    yield;
  }
  return outputs;
}
