import {
  batchNormalization,
  dense,
  globalAveragePool2d,
  inception as inceptionBlock,
  maxPool2d,
  relu,
} from "../../layers/index.ts";
import { network } from "../../model/index.ts";
import { augmentation, convolution, nesterovOneCycle } from "./parts.ts";
import { defineRecipe } from "./recipe.ts";

const after = () => [batchNormalization({ momentum: 0.9 }), relu()];

/** Inception blocks as the article draws them: 1×1, 3×3 and 5×5 convolutions and pooling in parallel. */
export const inception = defineRecipe({
  name: "inception",
  description: "three Inception blocks with batch normalization, one cycle",
  network: (images) =>
    network({ labelSmoothing: 0.1, ...images }, [
      augmentation(),
      ...convolution(16, 5, 2),
      inceptionBlock({ filters: [8, 16, 8, 8], reduce: [12, 6], after, name: "inception_1" }),
      maxPool2d(2),
      inceptionBlock({ filters: [16, 32, 16, 16], reduce: [24, 12], after, name: "inception_2" }),
      inceptionBlock({ filters: [24, 48, 24, 24], reduce: [32, 16], after, name: "inception_3" }),
      globalAveragePool2d(),
      dense(images.classes.length),
    ]),
  batchSize: 128,
  length: { epochs: 30 },
  optimizer: (steps, learningRate = 0.2) => nesterovOneCycle(steps, learningRate, 5e-4),
});
