import { conv2d, dense, flatten, heNormal, maxPool2d, relu, residual } from "../../layers/index.ts";
import { network } from "../../model/index.ts";
import { augmentation, convolution, nesterovOneCycle, normalization } from "./parts.ts";
import { defineRecipe } from "./recipe.ts";

/** x + ReLU(BN(conv 3×3 x)) */
const block = (name: string) =>
  residual(
    [conv2d(32, 3, { padding: "same", useBias: false, kernelInitializer: heNormal() }), normalization(), relu()],
    { name },
  );

/**
 * More accurate than the recipe `lenet` at about the same cost: the first convolution is strided, and every one has
 * batch normalization; two residual blocks, Nesterov momentum, a one-cycle learning rate, and label smoothing.
 */
export const fast = defineRecipe({
  name: "fast",
  description: "about the cost of lenet: batch normalization, residual blocks, Nesterov momentum, one cycle",
  network: (images) =>
    network({ labelSmoothing: 0.1, ...images }, [
      augmentation(),
      ...convolution(12, 5, 2),
      ...convolution(24, 3),
      maxPool2d(2),
      ...convolution(32, 3),
      block("block_1"),
      block("block_2"),
      maxPool2d(2),
      flatten(),
      dense(images.classes.length),
    ]),
  batchSize: 128,
  length: { epochs: 30 },
  optimizer: (steps, learningRate = 0.2) => nesterovOneCycle(steps, learningRate, 5e-4),
});
