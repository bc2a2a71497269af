import { conv2d, dense, globalAveragePool2d, heNormal, maxPool2d, relu, residual } from "../../layers/index.ts";
import { network } from "../../model/index.ts";
import { augmentation, convolution, nesterovOneCycle, normalization } from "./parts.ts";
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
  network: (images) =>
    network({ labelSmoothing: 0.1, ...images }, [
      augmentation(),
      ...convolution(24, 5, 2),
      ...block(24, "block_1"),
      ...convolution(48, 3),
      maxPool2d(2),
      ...block(48, "block_2"),
      ...convolution(64, 3),
      globalAveragePool2d(),
      dense(images.classes.length),
    ]),
  batchSize: 128,
  length: { epochs: 40 },
  optimizer: (steps, learningRate = 0.2) => ({ ...nesterovOneCycle(steps, learningRate, 5e-4), averageDecay: 0.995 }),
});
