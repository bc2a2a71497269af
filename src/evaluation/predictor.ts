import type { Backend } from "../backends/backend.ts";
import { InklingError } from "../base/error.ts";
import { allFinite } from "../base/finite.ts";
import { Engine } from "../engine/engine.ts";
import { feedImages, loadWeights, type ReadImages, resultOf, runRows } from "../engine/feed.ts";
import { type PredictionProgram, predictionProgram } from "../engine/imagePrograms.ts";
import type { WeightedModel } from "../model/fold.ts";

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
    { batchSize, threads }: { readonly batchSize: number; readonly threads: number },
  ): Promise<Predictor> {
    const program = predictionProgram(model, { batchSize });
    const engine = await Engine.create([program.spec], on, threads);
    loadWeights(engine, program, weights);
    return new Predictor(engine, program);
  }

  /**
   * The logits [N,K] of N rows, in the given order, whose images have the model's size. Calls run one at a time. Throws
   * `NOT_FINITE` for logits that are infinite or NaN: no answer can be made of them.
   */
  logits(read: ReadImages, rows: ArrayLike<number>): Promise<Float32Array> {
    const [engine, { spec, images, logits }] = [this.#engine, this.#program];
    const feed = (some: Uint32Array) => feedImages(engine, spec, images, read, some);
    const run = this.#last.then(() => resultOf(runRows(engine, spec, { rows, feed, outputs: { logits } })));
    this.#last = run.catch(() => {});
    return run.then((outputs) => {
      checkLogits(outputs.logits);
      return outputs.logits;
    });
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
