import { batchNormalization, conv2d, heNormal, type Layers, randomAffine, relu } from "../../layers/index.ts";
import { type OptimizerConfig, oneCycle, sgd } from "../../optimizers/index.ts";

/** A convolution with batch normalisation, which needs no bias, and a ReLU. */
export const convolution = (filters: number, kernelSize: number, strides = 1): Layers => [
  conv2d(filters, kernelSize, { strides, padding: "same", useBias: false, kernelInitializer: heNormal() }),
  normalization(),
  relu(),
];

/** Letters moved, turned, scaled and slanted a little, a new way each time. */
export const augmentation = () => randomAffine({ shift: 2, rotation: 8, scale: 0.1, shear: 0.1 });

/** Moving averages over some ten steps, so that runs of a few hundred steps can be tested. */
export const normalization = () => batchNormalization({ momentum: 0.9 });

/**
 * SGD with Nesterov momentum 0.9, whose learning rate rises to a peak in the first fifth of the steps and falls
 * to nearly 0 along half a cosine.
 */
export const nesterovOneCycle = (steps: number, peak: number, weightDecay: number): OptimizerConfig =>
  sgd(oneCycle(peak, steps, { pctStart: 0.2 }), { momentum: 0.9, nesterov: true, weightDecay });
