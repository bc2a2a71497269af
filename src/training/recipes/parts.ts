import { batchNormalization, conv2d, heNormal, type Layers, randomAffine, relu } from "../../layers/index.ts";
import { type OptimizerConfig, oneCycle, sgd } from "../../optimizers/index.ts";
import { choice, logUniform, real } from "../space/parameter.ts";

/** A convolution, without a bias because batch normalization follows, and a ReLU. */
export const convolution = (filters: number, kernelSize: number, strides = 1): Layers => [
  conv2d(filters, kernelSize, { strides, padding: "same", useBias: false, kernelInitializer: heNormal() }),
  normalization(),
  relu(),
];

/** Slight random shifts (pixels), rotations (degrees), scaling and shear. */
export const augmentation = () => randomAffine({ shift: 2, rotation: 8, scale: 0.1, shear: 0.1 });

/**
 * Batch normalization whose moving averages span about ten steps, so that they settle in runs of a few hundred steps.
 */
export const normalization = () => batchNormalization({ momentum: 0.9 });

const WEIGHT_DECAY = 5e-4;

/** What a search varies in recipes that train with {@link nesterovOneCycle}. */
export const cycleSpace = {
  learningRate: logUniform(0.02, 1, { default: 0.2 }),
  momentum: real(0.8, 0.98, { default: 0.9 }),
  weightDecay: logUniform(2e-5, 5e-3, { default: WEIGHT_DECAY }),
  batchSize: choice(128, 64, 256),
  labelSmoothing: real(0, 0.2, { default: 0.1 }),
};

/**
 * SGD with Nesterov momentum, by default 0.9, a weight decay of 0.0005, and a learning rate that rises to `peak` in the
 * first fifth of the steps, then falls to nearly 0 along half a cosine.
 */
export const nesterovOneCycle = (
  steps: number,
  peak: number,
  { momentum = 0.9 }: { readonly momentum?: number } = {},
): OptimizerConfig =>
  sgd(oneCycle(peak, steps, { pctStart: 0.2 }), { momentum, nesterov: true, weightDecay: WEIGHT_DECAY });
