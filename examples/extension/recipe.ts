import { batchNormalization, conv2d, defineRecipe, dense, flatten, maxPool2d, network } from "inkling";
import { exampleDecay, exampleSignum, exampleSwish } from "inkling-extension-example";

/** A small network that uses the extension. */
export default defineRecipe({
  name: "extended",
  description: "one convolution with hard swish, trained with exampleSignum and inverse time decay",
  network: (spec) =>
    network(spec, [
      conv2d(8, 3, { padding: "same" }),
      batchNormalization(),
      exampleSwish(),
      maxPool2d(2),
      flatten(),
      dense(spec.classes.length),
    ]),
  batchSize: 16,
  length: { steps: 200 },
  optimizer: (steps, learningRate = 0.002) => exampleSignum(exampleDecay(learningRate, steps, 3)),
});
