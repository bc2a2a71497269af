import { InklingError } from "../base/error.ts";
import type { Engine } from "./engine.ts";
import { asFloat, feed, type LabeledImages, loadWeights, resultOf, runRows, type Weights } from "./feed.ts";
import type { EvaluationProgram, TrainingProgram } from "./programs.ts";
import { AVERAGE } from "./update.ts";

/** Writes the initial weights to the memory of a training program, and to its moving averages. */
export function startFrom(engine: Engine, program: TrainingProgram, values: Weights): void {
  loadWeights(engine, program, values);
  for (const [name, average] of program.averages)
    engine.elements(program.spec.name, asFloat(average)).set(values.get(name)!);
}

/** A copy of the trained weights, in the order of the model: the moving averages, if they are kept. */
export const readWeights = (engine: Engine, { spec, weights, averages }: TrainingProgram): Weights =>
  new Map(
    weights.map(({ tensor }) => {
      const trained = averages.get(tensor.name) ?? tensor;
      return [tensor.name, engine.elements(spec.name, asFloat(trained)).slice()];
    }),
  );

/** Writes trained weights to where {@link readWeights} reads them. */
function writeWeights(engine: Engine, { spec, averages }: TrainingProgram, values: Weights): void {
  for (const [name, value] of values) {
    const place = averages.get(name) ?? spec.state.find((tensor) => tensor.name === name)!;
    engine.elements(spec.name, asFloat(place)).set(value);
  }
}

/** Runs `use` with the given weights where {@link readWeights} reads them, and puts those back that were there. */
export async function withWeights<T>(
  engine: Engine,
  program: TrainingProgram,
  weights: Weights,
  use: () => Promise<T>,
): Promise<T> {
  const before = readWeights(engine, program);
  writeWeights(engine, program, weights);
  try {
    return await use();
  } finally {
    writeWeights(engine, program, before);
  }
}

/** The tensors of a training program that a step changes, by name. Together with the number of steps done, they suffice to resume. */
export type TrainingState = ReadonlyMap<string, Float32Array>;

/** The state in the program's memory, not copied: weights, optimizer slots, running statistics. */
export const stateElements = (engine: Engine, { spec, state }: TrainingProgram): TrainingState =>
  new Map(state.map((tensor) => [tensor.name, engine.elements(spec.name, asFloat(tensor))]));

/** The trained weights in a state, by the given names: the moving averages, if they are kept. */
export const weightsOf = (state: TrainingState, names: readonly string[]): Weights =>
  new Map(names.map((name) => [name, state.get(name + AVERAGE) ?? state.get(name)!]));

/** A copy of the state. */
export const readState = (engine: Engine, program: TrainingProgram): TrainingState =>
  new Map([...stateElements(engine, program)].map(([name, values]) => [name, values.slice()]));

/**
 * Restores a state. Throws `INVALID_DATA` if a tensor is missing, unknown, or of a different size. Training states may
 * be missing, as in checkpoints written before they existed; see {@link initializeTrainingStates}.
 */
export function writeState(engine: Engine, program: TrainingProgram, values: TrainingState): void {
  const places = stateElements(engine, program);
  const unknown = [...values.keys()].find((name) => !places.has(name));
  if (unknown !== undefined)
    throw new InklingError(
      "INVALID_DATA",
      `checkpoint: ${unknown} is not part of this training; resume the training that it belongs to`,
    );
  const optional = new Set(program.trainingStates.map(({ name }) => name));
  for (const [name, place] of places) {
    const found = values.get(name);
    if (!found && optional.has(name)) continue;
    if (found?.length !== place.length)
      throw new InklingError(
        "INVALID_DATA",
        `checkpoint: ${name} has ${found?.length ?? "no"} elements, expected ${place.length}; resume the training that it belongs to`,
      );
  }
  for (const [name, place] of places) {
    const value = values.get(name);
    if (value) place.set(value);
  }
}

/**
 * Gives the training states their initial values: those that they have after a trial run of one batch, which the caller
 * has fed. Everything else is as before; values that are not finite are left at 0.
 */
export async function initializeTrainingStates(engine: Engine, program: TrainingProgram, step: number, seed: number) {
  const before = readState(engine, program);
  await engine.run(program.spec.name, 1, step, seed);
  const after = stateElements(engine, program);
  const found = program.trainingStates.map(({ name }) => [name, after.get(name)!.map(finiteOr0)] as const);
  writeState(engine, program, new Map([...before, ...found]));
}

const finiteOr0 = (value: number): number => (Number.isFinite(value) ? value : 0);

/** The outputs of a model for some rows, in order. */
export interface RowOutputs {
  /** [rows, K] */
  readonly logits: Float32Array;
  /** [rows], in nats. */
  readonly losses: Float32Array;
  /** [rows], 1 if the first largest logit is that of the label, else 0. */
  readonly correct: Float32Array;
}

/** Runs rows of labeled images through the evaluation program. */
export const evaluateRows = (
  engine: Engine,
  program: EvaluationProgram,
  from: LabeledImages,
  rows: ArrayLike<number>,
  seed = 0,
  step = 0,
): Promise<RowOutputs> => resultOf(evaluateBatches(engine, program, from, rows, seed, step));

/** Runs rows of labeled images through the evaluation program, a batch at a time. */
export const evaluateBatches = (
  engine: Engine,
  program: EvaluationProgram,
  from: LabeledImages,
  rows: ArrayLike<number>,
  seed: number,
  step: number,
): AsyncGenerator<void, RowOutputs> => {
  const { spec, logits, losses, correct } = program;
  return runRows(engine, spec, {
    rows,
    feed: (some) => feed(engine, program, from, some),
    outputs: { logits, losses, correct },
    seed,
    stepOf: () => step,
  });
};
