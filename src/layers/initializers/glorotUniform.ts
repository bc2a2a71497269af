import * as v from "valibot";
import { toUnit } from "../../tensor/philox.ts";
import { fans, type InitializerType } from "./initializer.ts";

const schema = v.strictObject({ type: v.literal("glorotUniform") });
export type GlorotUniformConfig = v.InferOutput<typeof schema>;

/**
 * Uniform in ±√(6 / (fanIn + fanOut)), which keeps the variance of activations and gradients.
 *
 * As Keras' GlorotUniform. Source: Glorot and Bengio, "Understanding the difficulty of training deep
 * feedforward neural networks", AISTATS 2010.
 */
export const glorotUniform = (): GlorotUniformConfig => ({ type: "glorotUniform" });

export const glorotUniformType: InitializerType<GlorotUniformConfig> = {
  type: "glorotUniform",
  schema,
  draw(_config, element, shape, random) {
    const { fanIn, fanOut } = fans(shape);
    return (2 * toUnit(random(element, 0)[0]) - 1) * Math.sqrt(6 / (fanIn + fanOut));
  },
};
