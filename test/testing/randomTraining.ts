import { network } from "../../src/index.ts";
import * as layers from "../../src/layers/index.ts";
import * as optimizers from "../../src/optimizers/index.ts";
import type { TrainingSteps } from "../../src/testing/trainingChecks.ts";
import { randomFrom, randomNetwork } from "../export/networks.ts";

type Settings = NonNullable<Parameters<typeof optimizers.sgd>[1]>;

/**
 * Three steps of training a random network, with each layer, optimizer and schedule in some of them: settings, batch size,
 * augmentation, mixup and label smoothing are random as well.
 */
export function randomTraining(seed: number): TrainingSteps {
  const random = randomFrom(10_000 + seed);
  const whole = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
  const pick = <T>(...choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!;
  const plain = randomNetwork(seed);
  // Augmentation has no gradient, so it cannot follow layers with weights.
  const later = plain.layers.map((layer) =>
    layer.type.startsWith("random") ? { ...layers.identity(), name: layer.name } : layer,
  );
  const augmentation = () =>
    pick<() => layers.LayerConfig>(
      () =>
        layers.randomAffine({
          rotation: 20,
          shift: 1,
          scale: 0.2,
          shear: 5,
          fill: pick<"edge" | number>("edge", -0.5),
        }),
      () => layers.randomContrast({ factor: 0.4, brightness: 0.2 }),
      () => layers.randomCrop({ padding: 1 }),
      () => layers.randomElastic({ strength: 1, grid: 3 }),
      () => layers.randomErasing({ size: 2, probability: 0.5 }),
      () => layers.randomFlip({ horizontal: 0.5, vertical: 0.5 }),
      () => layers.randomThickness({ dilate: 0.5, erode: 0.3 }),
    )();
  const color = layers.randomColor({ saturation: 0.4, hue: 20, name: "color" });
  const chosen = random() < 0.5 ? [{ ...augmentation(), name: "augmented" }] : plain.input[2] === 3 ? [color] : [];
  const { input, classes, preprocessing } = plain;
  const labelSmoothing = pick(0, 0, 0.1);
  const model = network({ input, classes, preprocessing, labelSmoothing }, [...chosen, ...later]);
  const rate = pick(0.003, 0.01, 0.03);
  const schedule = pick<() => optimizers.ScheduleConfig>(
    () => optimizers.constantRate(rate),
    () => optimizers.cosineDecay(rate, 5),
    () => optimizers.exponentialDecay(rate, 2, 0.7, { staircase: random() < 0.5 }),
    () => optimizers.inverseTimeDecay(rate, 2, 0.5),
    () => optimizers.oneCycle(rate, 5),
    () => optimizers.piecewiseConstantDecay([1], [rate, rate / 2]),
    () => optimizers.polynomialDecay(rate, 4, { power: 2 }),
    () => optimizers.reduceOnPlateau(rate),
    () => optimizers.warmup(optimizers.constantRate(rate), 2),
    () => optimizers.extended(optimizers.cosineDecay(rate, 2), 2, optimizers.cosineDecay(rate, 6)),
  )();
  const common: Settings = {
    weightDecay: pick(0, 0.01),
    weightDecayMask: pick("kernels" as const, "all" as const),
    clipNorm: pick(0, 0, 0.5),
    averageDecay: pick(0, 0, 0.99),
  };
  // An epsilon of a gradient's size: with a smaller one, rounding decides the steps of weights whose gradient is 0.
  const epsilon = 1e-3;
  const optimizer = pick<() => optimizers.OptimizerConfig>(
    () => optimizers.sgd(schedule, common),
    () => optimizers.sgd(schedule, { ...common, momentum: 0.9, nesterov: random() < 0.5 }),
    () => optimizers.rmsprop(schedule, { ...common, epsilon }),
    () => optimizers.adam(schedule, { ...common, epsilon }),
    () => optimizers.adamw(schedule, { ...common, epsilon }),
    () => optimizers.lion(schedule, common),
  )();
  return { model, optimizer, batchSize: whole(2, 9), steps: 3, mixup: pick(0, 0, 0.4), seed };
}

/** The first step of the same network without randomness, by an optimizer whose velocity is the gradient. */
export function randomFirstStep(seed: number): TrainingSteps {
  const { model, batchSize } = randomTraining(seed);
  const isRandom = ({ type }: layers.LayerConfig) => /^(random|dropout|spatialDropout|gaussianNoise)/.test(type);
  const steady = model.layers.map((layer) =>
    isRandom(layer) ? { ...layers.identity(), name: layer.name, ...(layer.inputs && { inputs: layer.inputs }) } : layer,
  );
  const optimizer = optimizers.sgd(0.1, { momentum: 0.9 });
  return { model: { ...model, layers: steady }, optimizer, batchSize, steps: 1, mixup: 0, seed };
}
