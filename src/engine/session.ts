import type { Tensor } from "../ops/graph.ts";
import type { Engine } from "./engine.ts";
import type { EvaluationProgram, TrainingProgram } from "./programs.ts";

/** What a trained model consists of, by name: parameters, and states such as running means. */
export type Weights = ReadonlyMap<string, Float32Array>;

type AnyProgram = TrainingProgram | EvaluationProgram;
const asFloat = (t: Tensor) => ({ ...t, type: "f32" }) as const;

/** Puts images and labels in the program's memory, from the given row on. */
export function loadData(
  engine: Engine,
  { spec, images, labels }: AnyProgram,
  data: { readonly images: Uint8Array; readonly labels: ArrayLike<number> },
  firstRow = 0,
): void {
  const size = images.shape.slice(1).reduce((a, b) => a * b, 1);
  engine.elements(spec.name, images).set(data.images, firstRow * size);
  engine.elements(spec.name, labels).set(data.labels, firstRow);
}

/** Puts weights in the program's memory, where all programs of the engine share them. */
export function loadWeights(engine: Engine, program: AnyProgram, values: Weights): void {
  for (const { tensor } of program.weights)
    engine.elements(program.spec.name, asFloat(tensor)).set(values.get(tensor.name)!);
}

/** A copy of the weights, in the model's order. */
export const readWeights = (engine: Engine, { spec, weights }: AnyProgram): Weights =>
  new Map(weights.map(({ tensor }) => [tensor.name, engine.elements(spec.name, asFloat(tensor)).slice()]));

/** What a model says of some rows, in their order. */
export interface RowOutputs {
  /** [rows, K] */
  readonly logits: Float32Array;
  /** Nats, one a row. */
  readonly losses: Float32Array;
  /** 1 where the first greatest logit is the label's. */
  readonly correct: Float32Array;
}

/** Runs rows of the data through the evaluation program, a batch at a time; the last batch is filled up with its last row. */
export function evaluateRows(
  engine: Engine,
  program: EvaluationProgram,
  rows: ArrayLike<number>,
  seed = 0,
  step = 0,
): RowOutputs {
  const batch = program.spec.batch;
  const name = program.spec.name;
  const classes = program.logits.shape[1]!;
  const fed = engine.elements(name, program.rows);
  const outputs: RowOutputs = {
    logits: new Float32Array(rows.length * classes),
    losses: new Float32Array(rows.length),
    correct: new Float32Array(rows.length),
  };
  for (let first = 0; first < rows.length; first += batch) {
    const count = Math.min(batch, rows.length - first);
    for (let n = 0; n < batch; n++) fed[n] = rows[first + Math.min(n, count - 1)]!;
    engine.run(name, 1, step, seed);
    outputs.logits.set(engine.elements(name, program.logits).subarray(0, count * classes), first * classes);
    outputs.losses.set(engine.elements(name, program.losses).subarray(0, count), first);
    outputs.correct.set(engine.elements(name, program.correct).subarray(0, count), first);
  }
  return outputs;
}
