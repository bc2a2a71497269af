import type { Backend } from "../backends/backend.ts";
import { Engine } from "../engine/engine.ts";
import { type EvaluationProgram, evaluationProgram } from "../engine/programs.ts";
import { evaluateRows, inMemory, loadWeights, type Weights } from "../engine/session.ts";
import type { Model } from "../model/index.ts";

/** A model compiled for so many images at a time, with its weights. */
export class Predictor {
  readonly #engine: Engine;
  readonly #program: EvaluationProgram;
  /** Done when the engine is free. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(engine: Engine, program: EvaluationProgram) {
    this.#engine = engine;
    this.#program = program;
  }

  static async create(
    model: Model,
    weights: Weights,
    on: Backend,
    { batchSize, threads }: { readonly batchSize: number; readonly threads: number },
  ): Promise<Predictor> {
    const program = evaluationProgram(model, { batchSize });
    const engine = await Engine.create([program.spec], on, threads);
    loadWeights(engine, program, weights);
    return new Predictor(engine, program);
  }

  /** The logits [N, K] of N images of the model's size, one after the other in `images`; one call after the other. */
  logits(images: Uint8Array, count: number): Promise<Float32Array> {
    const from = inMemory(images, new Uint8Array(count));
    const rows = Uint32Array.from({ length: count }, (_, row) => row);
    const outputs = this.#last.then(() => evaluateRows(this.#engine, this.#program, from, rows));
    this.#last = outputs.catch(() => {});
    return outputs.then(({ logits }) => logits);
  }
}
