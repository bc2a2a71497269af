import type { Backend } from "../../src/backends/backend.ts";
import { Engine } from "../../src/engine/engine.ts";
import { feed, inMemory, loadWeights } from "../../src/engine/feed.ts";
import { trainingProgram } from "../../src/engine/programs.ts";
import { readWeights } from "../../src/engine/session.ts";
import { initialWeights, type Model } from "../../src/model/index.ts";
import { exponentialDecay, type OptimizerConfig, sgd } from "../../src/optimizers/index.ts";
import { scalarsAt } from "../../src/optimizers/registry.ts";
import { bars } from "../training/data.ts";

export interface SessionOptions {
  readonly backend: Backend;
  readonly batchSize?: number;
  readonly seed?: number;
  readonly optimizer?: OptimizerConfig;
  /** The number of steps in each call of the compiled program, in order. */
  readonly calls: readonly number[];
  /** Whether to read all weights and write them back between calls. */
  readonly rewrite?: boolean;
}

/** Trains a model on bars. Returns the losses of all steps and the final weights. */
export async function trainSteps(
  model: Model,
  { backend, batchSize = 4, seed = 1, calls, rewrite = false, ...options }: SessionOptions,
) {
  const data = bars(24, { classes: model.classes.length, size: model.input[0] });
  const { optimizer = sgd(exponentialDecay(0.1, 2, 0.9)) } = options;
  const program = trainingProgram(model, { batchSize, optimizer, steps: Math.max(...calls) });
  const engine = await Engine.create([program.spec], backend);
  loadWeights(engine, program, initialWeights(program.weights, seed));
  const losses: number[] = [];
  let step = 0;
  for (const count of calls) {
    const rows = Uint32Array.from({ length: count * batchSize }, (_, i) => ((step * batchSize + i) * 7 + 3) % 24);
    feed(engine, program, inMemory(data.images, data.labels), rows);
    for (let k = 0; k < count; k++) {
      const numbers = Object.values(scalarsAt(optimizer, step + k));
      engine.elements("train", program.scalars).set(numbers, k * numbers.length);
    }
    await engine.run("train", count, step, seed);
    losses.push(...engine.elements("train", program.loss).subarray(0, count));
    if (rewrite) {
      const weights = readWeights(engine, program);
      for (const { tensor } of program.weights) engine.elements("train", { ...tensor, type: "f32" }).fill(Number.NaN);
      loadWeights(engine, program, weights);
    }
    step += count;
  }
  return { losses, weights: Object.fromEntries(readWeights(engine, program)) };
}
