import {
  batchNormalization,
  dense,
  dropout,
  globalAveragePool2d,
  inception as inceptionBlock,
  maxPool2d,
  relu,
} from "../../layers/index.ts";
import { network } from "../../model/index.ts";
import { choice, real } from "../space/parameter.ts";
import { augmentation, convolution, cycleSpace, nesterovOneCycle } from "./parts.ts";
import { defineRecipe } from "./recipe.ts";

const after = () => [batchNormalization({ momentum: 0.9 }), relu()];

/** Inception blocks as the article draws them: 1×1, 3×3 and 5×5 convolutions and pooling in parallel. */
export const inception = defineRecipe({
  name: "inception",
  description: "three Inception blocks with batch normalization, one cycle",
  space: {
    ...cycleSpace,
    kernelSize: choice(5, 3, 7),
    width: choice(8, 4, 12),
    hiddenKeepProbability: real(0.5, 1, { default: 1 }),
  },
  network: (images, _overrides, { kernelSize, width, hiddenKeepProbability }) => {
    /** `times` width channels, twice as many in the 3×3 branch, which 1×1 convolutions reduce to `reduced` and half of it. */
    const block = (times: number, reduced: number) =>
      inceptionBlock({
        filters: [times * width, 2 * times * width, times * width, times * width],
        reduce: [reduced * width, (reduced / 2) * width],
        after,
        name: `inception_${times}`,
      });
    return network({ labelSmoothing: 0.1, ...images }, [
      augmentation(),
      ...convolution(2 * width, kernelSize, 2),
      block(1, 1.5),
      maxPool2d(2),
      block(2, 3),
      block(3, 4),
      globalAveragePool2d(),
      ...(hiddenKeepProbability < 1 ? [dropout({ keepProbability: hiddenKeepProbability })] : []),
      dense(images.classes.length),
    ]);
  },
  batchSize: 128,
  length: { epochs: 30 },
  optimizer: (steps, _learningRate, parameters) => nesterovOneCycle(steps, parameters.learningRate, parameters),
});
