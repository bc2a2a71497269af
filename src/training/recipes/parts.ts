import { batchNormalization, conv2d, heNormal, type Layers, randomAffine, relu } from "../../layers/index.ts";
import { type OptimizerConfig, oneCycle, sgd } from "../../optimizers/index.ts";

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

/**
 * SGD with Nesterov momentum 0.9 and a learning rate that rises to `peak` in the first fifth of the steps, then falls
 * to nearly 0 along half a cosine.
 */
export const nesterovOneCycle = (steps: number, peak: number, weightDecay: number): OptimizerConfig =>
  sgd(oneCycle(peak, steps, { pctStart: 0.2 }), { momentum: 0.9, nesterov: true, weightDecay });
