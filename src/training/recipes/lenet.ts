import {
  conv2d,
  dense,
  dropout,
  flatten,
  glorotUniform,
  heNormal,
  localResponseNormalization,
  maxPool2d,
  ones,
  relu,
  truncatedNormal,
  zeros,
} from "../../layers/index.ts";
import { type Model, network } from "../../model/index.ts";
import { cosineDecay, exponentialDecay, sgd } from "../../optimizers/index.ts";
import { defaultOptimizer } from "../settings.ts";
import { choice, type Drawn, integer, logUniform, real } from "../space/parameter.ts";
import { type DataShape, defineRecipe, type RecipeParts } from "./recipe.ts";

/** How the recipe trains, and how a model is trained that comes without a recipe. */
export const lenetTraining: Pick<RecipeParts, "batchSize" | "length" | "optimizer"> = {
  batchSize: 16,
  length: { steps: 1001 },
  optimizer: (_steps, learningRate) => defaultOptimizer(learningRate),
};

/** What the article suggests to choose: rate, decay, momentum, batch size, initial weights, patch size, layers, dropout. */
const space = {
  learningRate: logUniform(0.003, 0.3, { default: 0.1 }),
  // staircase: 0.96 every 100,000 steps, as in the article; exponential: to a tenth over the whole training.
  decay: choice("staircase", "exponential", "cosine"),
  momentum: real(0, 0.95, { default: 0 }),
  batchSize: choice(16, 8, 32, 64),
  initializer: choice("truncatedNormal", "heNormal", "glorotUniform"),
  kernelSize: choice(5, 3, 7),
  convolutions: integer(2, 4, { default: 3 }),
  keepProbability: real(0.3, 1, { default: 1 }),
  hiddenKeepProbability: real(0.3, 1, { default: 1 }),
};

/**
 * A LeNet-5-like network for notMNIST: three 5×5 convolutions with 16 channels, two max-pooling layers with local
 * response normalization, and a hidden layer of 64 units.
 */
export const lenet = defineRecipe({
  name: "lenet",
  description: "LeNet-5-like network: 3 convolutions 5×5×16, max-pooling, LRN, a hidden layer of 64; SGD",
  space,
  network: (images, _overrides, parameters) => leNet(images, parameters),
  ...lenetTraining,
  optimizer(steps, _learningRate, { learningRate, decay, momentum }) {
    const rate =
      decay === "cosine"
        ? cosineDecay(learningRate, steps)
        : decay === "exponential"
          ? exponentialDecay(learningRate, steps, 0.1, { staircase: false })
          : defaultOptimizer(learningRate).learningRate;
    return sgd(rate, { momentum });
  },
});

/** Initial weights of kernels and biases. The article's are truncated normal, and biases of 1 after the first layer. */
const initializers = {
  truncatedNormal: { kernel: truncatedNormal({ stddev: 0.1 }), bias: ones() },
  heNormal: { kernel: heNormal(), bias: zeros() },
  glorotUniform: { kernel: glorotUniform(), bias: zeros() },
};

function leNet(
  images: DataShape["images"],
  { initializer, kernelSize, convolutions, keepProbability, hiddenKeepProbability }: Drawn<typeof space>,
): Model {
  const { kernel: kernelInitializer, bias: biasInitializer } = initializers[initializer];
  const convolution = () => conv2d(16, kernelSize, { padding: "same", kernelInitializer, biasInitializer });
  const pool = () => maxPool2d(2, { strides: 2, padding: "same" });
  const normalize = () => localResponseNormalization({ depthRadius: 4, bias: 1, alpha: 0.001 / 9, beta: 0.75 });
  return network(images, [
    conv2d(16, kernelSize, { padding: "same", kernelInitializer }),
    relu(),
    dropout({ keepProbability }),
    pool(),
    normalize(),
    convolution(),
    relu(),
    pool(),
    normalize(),
    ...Array.from({ length: convolutions - 2 }, () => [convolution(), relu()]).flat(),
    flatten(),
    dense(64, { kernelInitializer, biasInitializer }),
    relu(),
    ...(hiddenKeepProbability < 1 ? [dropout({ keepProbability: hiddenKeepProbability })] : []),
    dense(images.classes.length, { kernelInitializer, biasInitializer }),
  ]);
}
