import type { Backend } from "../backends/backend.ts";
import { Engine } from "../engine/engine.ts";
import { type EvaluationProgram, evaluationProgram } from "../engine/programs.ts";
import { evaluateRows, loadData, loadWeights, type Weights } from "../engine/session.ts";
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

  static async create(model: Model, weights: Weights, on: Backend, batchSize: number): Promise<Predictor> {
    const program = evaluationProgram(model, { batchSize, dataSize: batchSize });
    const engine = await Engine.create([program.spec], on);
    loadWeights(engine, program, weights);
    return new Predictor(engine, program);
  }

  /** The logits [N, K] of N images of the model's size, one after the other in `images`; one call after the other. */
  logits(images: Uint8Array, count: number): Promise<Float32Array> {
    const logits = this.#last.then(() => this.#run(images, count));
    this.#last = logits.catch(() => {});
    return logits;
  }

  async #run(images: Uint8Array, count: number): Promise<Float32Array> {
    const { batch } = this.#program.spec;
    const size = images.length / count;
    const logits: Float32Array[] = [];
    for (let first = 0; first < count; first += batch) {
      const some = Math.min(batch, count - first);
      loadData(this.#engine, this.#program, {
        images: images.subarray(first * size, (first + some) * size),
        labels: new Uint16Array(some),
      });
      const rows = Uint32Array.from({ length: some }, (_, row) => row);
      logits.push((await evaluateRows(this.#engine, this.#program, rows)).logits);
    }
    const all = new Float32Array(logits.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of logits) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}
