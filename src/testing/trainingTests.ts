import type { Backend } from "../backends/backend.ts";
import type { Model } from "../model/model.ts";
import { sgd } from "../optimizers/index.ts";
import type { OptimizerConfig } from "../optimizers/optimizer.ts";
import { availableBackends } from "./backends.ts";
import type { UpdateRule } from "./optimizerTests.ts";
import type { Test } from "./test.ts";
import { checkSameResults, trainOnBackend, trainShadow } from "./trainingChecks.ts";

/** How the training of a model is tested. */
export interface TrainingTestOptions {
  /** Default: `sgd(0.05)`. */
  readonly optimizer?: OptimizerConfig;
  /** The update rule of `optimizer`, which is then tested with the model. */
  readonly update?: UpdateRule;
  /** Default: 6. */
  readonly batchSize?: number;
  /** The parameter of mixup's distribution. Default: 0, for none. */
  readonly mixup?: number;
  /** Default: all that are available, see {@link availableBackends}. */
  readonly backends?: readonly Backend[];
}

/**
 * Tests of three steps of training a small model on noise. The loops that back ends run, interpreted in float64, give the
 * losses that the references of all ops give, gradients that agree with their slopes, and the weights that `update` gives,
 * if it is given, all within 1e-6; back ends of equal arithmetic give the same bits.
 */
export function trainingTests(model: Model, options: TrainingTestOptions = {}): readonly Test[] {
  const { optimizer = sgd(0.05), update, batchSize = 6, mixup = 0, backends = availableBackends() } = options;
  const training = { model, optimizer, batchSize, mixup, steps: 3, seed: 1 };
  return [
    { name: "trains in float64 as its references say", run: () => void trainShadow(training, update) },
    ...backends.map((backend) => ({
      name: `trains on ${backend.name} to the same bits`,
      async run() {
        const first = backends.find(({ arithmetic }) => arithmetic === backend.arithmetic)!;
        checkSameResults(await trainOnBackend(training, backend), await trainOnBackend(training, first));
      },
    })),
  ];
}
