import {
  conv2d,
  dense,
  dropout,
  globalAveragePool2d,
  heNormal,
  maxPool2d,
  relu,
  residual,
} from "../../layers/index.ts";
import { network } from "../../model/index.ts";
import { choice, real } from "../space/parameter.ts";
import { augmentation, convolution, cycleSpace, nesterovOneCycle, normalization } from "./parts.ts";
import { defineRecipe } from "./recipe.ts";

/** ReLU(x + BN(conv(ReLU(BN(conv x))))). */
const block = (filters: number, name: string) => [
  ...residual(
    [
      ...convolution(filters, 3),
      conv2d(filters, 3, { padding: "same", useBias: false, kernelInitializer: heNormal() }),
      normalization(),
    ],
    { name },
  ),
  relu(),
];

/** The most accurate recipe, at a higher cost per epoch: a small residual network with averaged weights. */
export const best = defineRecipe({
  name: "best",
  description: "a residual network with averaged weights, one cycle",
  space: {
    ...cycleSpace,
    kernelSize: choice(5, 3, 7),
    width: choice(24, 16, 32),
    hiddenKeepProbability: real(0.5, 1, { default: 1 }),
  },
  network: (images, _overrides, { kernelSize, width, hiddenKeepProbability }) =>
    network({ labelSmoothing: 0.1, ...images }, [
      augmentation(),
      ...convolution(width, kernelSize, 2),
      ...block(width, "block_1"),
      ...convolution(2 * width, 3),
      maxPool2d(2),
      ...block(2 * width, "block_2"),
      ...convolution(Math.floor((8 * width) / 3), 3),
      globalAveragePool2d(),
      ...(hiddenKeepProbability < 1 ? [dropout({ keepProbability: hiddenKeepProbability })] : []),
      dense(images.classes.length),
    ]),
  batchSize: 128,
  length: { epochs: 40 },
  optimizer: (steps, _learningRate, parameters) => ({
    ...nesterovOneCycle(steps, parameters.learningRate, parameters),
    averageDecay: 0.995,
  }),
});
