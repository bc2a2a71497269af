import {
  conv2d,
  dense,
  dropout,
  flatten,
  localResponseNormalization,
  maxPool2d,
  ones,
  relu,
  truncatedNormal,
} from "../../layers/index.ts";
import { type Model, network } from "../../model/index.ts";
import { defaultOptimizer } from "../settings.ts";
import { type DataShape, defineRecipe, type RecipeParts } from "./recipe.ts";

/** How the recipe trains, and how a model is trained that comes without a recipe. */
export const lenetTraining: Pick<RecipeParts, "batchSize" | "length" | "optimizer"> = {
  batchSize: 16,
  length: { steps: 1001 },
  optimizer: (_steps, learningRate) => defaultOptimizer(learningRate),
};

/**
 * A LeNet-5-like network for notMNIST: three 5×5 convolutions with 16 channels, two max-pooling layers with local
 * response normalization, and a hidden layer of 64 units.
 */
export const lenet = defineRecipe({
  name: "lenet",
  description: "LeNet-5-like network: 3 convolutions 5×5×16, max-pooling, LRN, a hidden layer of 64; SGD",
  network: (images, { keepProbability }) => leNet(images, keepProbability),
  ...lenetTraining,
});

/** `keepProbability` belongs to the dropout after the first convolution. Default: 1, no dropout. */
function leNet(images: DataShape["images"], keepProbability = 1): Model {
  const kernelInitializer = truncatedNormal({ stddev: 0.1 });
  const convolution = (biasInitializer = ones()) =>
    conv2d(16, 5, { padding: "same", kernelInitializer, biasInitializer });
  const pool = () => maxPool2d(2, { strides: 2, padding: "same" });
  const normalize = () => localResponseNormalization({ depthRadius: 4, bias: 1, alpha: 0.001 / 9, beta: 0.75 });
  return network(images, [
    conv2d(16, 5, { padding: "same", kernelInitializer }),
    relu(),
    dropout({ keepProbability }),
    pool(),
    normalize(),
    convolution(),
    relu(),
    pool(),
    normalize(),
    convolution(),
    relu(),
    flatten(),
    dense(64, { kernelInitializer, biasInitializer: ones() }),
    relu(),
    dense(images.classes.length, { kernelInitializer, biasInitializer: ones() }),
  ]);
}
