import type { Backend } from "../backends/backend.ts";
import { InklingError } from "../base/error.ts";
import { allFinite } from "../base/finite.ts";
import type { Shape } from "../base/shape.ts";
import { Engine } from "../engine/engine.ts";
import {
  type FloatTensor,
  feedImages,
  loadWeights,
  type ReadImages,
  resultOf,
  runRows,
  type Weights,
} from "../engine/feed.ts";
import { type PredictionProgram, predictionProgram } from "../engine/imagePrograms.ts";
import type { WeightedModel } from "../model/fold.ts";

/** The key of the logits among the outputs; names of layers do not start with a dot. */
const LOGITS = ".logits";

/** How a model is compiled to predict. */
export interface PredictorOptions {
  readonly batchSize: number;
  readonly threads: number;
  /** The layers whose outputs are kept. Default: none. */
  readonly layers?: readonly string[];
}

/** The output of a layer for N images. */
export interface LayerOutput {
  /** [N,…], such as [N,H,W,C] or [N,K]. */
  readonly shape: Shape;
  /** The elements, row-major. */
  readonly data: Float32Array;
}

/** What a model computes for N images. */
export interface PredictorOutputs {
  /** [N,K] */
  readonly logits: Float32Array;
  /** The outputs of the layers that the predictor keeps, by name. */
  readonly layers: ReadonlyMap<string, LayerOutput>;
}

/** A model with its weights, compiled to predict batches of a fixed size. */
export class Predictor {
  readonly #engine: Engine;
  readonly #program: PredictionProgram;
  /** Settles when the engine is free. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(engine: Engine, program: PredictionProgram) {
    this.#engine = engine;
    this.#program = program;
  }

  static async create(
    { model, weights }: WeightedModel,
    on: Backend,
    { batchSize, threads, layers = [] }: PredictorOptions,
  ): Promise<Predictor> {
    const program = predictionProgram(model, { batchSize, layers });
    const engine = await Engine.create([program.spec], on, threads);
    loadWeights(engine, program, weights);
    return new Predictor(engine, program);
  }

  /** Replaces the weights, such as by those of a training in progress, once the calls in progress are done. */
  async load(weights: Weights): Promise<void> {
    await this.#last;
    loadWeights(this.#engine, this.#program, weights);
  }

  /**
   * The logits [N,K] of N rows, in the given order, whose images have the model's size. Calls run one at a time. Throws
   * `NOT_FINITE` for logits that are infinite or NaN: no answer can be made of them.
   */
  async logits(read: ReadImages, rows: ArrayLike<number>): Promise<Float32Array> {
    return (await this.outputs(read, rows)).logits;
  }

  /** The logits, and the outputs of the layers that are kept. Throws as `logits` does. */
  async outputs(read: ReadImages, rows: ArrayLike<number>): Promise<PredictorOutputs> {
    const [engine, { spec, images, logits, layers }] = [this.#engine, this.#program];
    const feed = (some: Uint32Array) => feedImages(engine, spec, images, read, some);
    const outputs: Readonly<Record<string, FloatTensor>> = { ...Object.fromEntries(layers), [LOGITS]: logits };
    const run = this.#last.then(() => resultOf(runRows(engine, spec, { rows, feed, outputs })));
    this.#last = run.catch(() => {});
    const found = await run;
    checkLogits(found[LOGITS]!);
    const shaped = [...layers].map(
      ([name, { shape }]) => [name, { shape: [rows.length, ...shape.slice(1)], data: found[name]! }] as const,
    );
    return { logits: found[LOGITS]!, layers: new Map(shaped) };
  }

  /** Frees the engine once the calls in progress are done. */
  async close(): Promise<void> {
    await this.#last;
    this.#engine.close();
  }
}

/** Throws `NOT_FINITE` for logits that are infinite or NaN. */
export function checkLogits(logits: Float32Array): void {
  if (allFinite(logits)) return;
  throw new InklingError(
    "NOT_FINITE",
    "the model's logits are infinite or NaN: its weights are too large for float32; train it with a smaller learning rate",
  );
}
