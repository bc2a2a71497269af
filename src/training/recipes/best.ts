import { conv2d, dense, globalAveragePool2d, heNormal, maxPool2d, relu, residual } from "../../layers/index.ts";
import { network } from "../../model/index.ts";
import { augmentation, convolution, nesterovOneCycle, normalization } from "./parts.ts";
import { batchesOf, type Recipe } from "./recipe.ts";

/** x + BN(conv(ReLU(BN(conv x)))), and a ReLU. */
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

/** What a minute or two more per epoch buys: a small residual network, with averaged weights. */
export const best: Recipe = {
  name: "best",
  description: "a residual network with averaged weights, one cycle",
  training(shape, overrides) {
    const { images } = shape;
    const batches = batchesOf(shape, overrides, { batchSize: 128, epochs: 40 });
    return {
      ...batches,
      optimizer: { ...nesterovOneCycle(batches.steps, overrides.learningRate ?? 0.2, 5e-4), averageDecay: 0.995 },
      model: network({ labelSmoothing: 0.1, ...images }, [
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
    };
  },
};
