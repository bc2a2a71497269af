import * as v from "valibot";
import { defineInitializer, fans } from "./initializer.ts";
import { drawUniform } from "./uniform.ts";

const schema = v.strictObject({ type: v.literal("glorotUniform") });
export type GlorotUniformConfig = v.InferOutput<typeof schema>;

/**
 * Uniform in ±√(6 / (fanIn + fanOut)), which preserves the variance of activations and gradients.
 *
 * Same as Keras' GlorotUniform. Source: Glorot and Bengio, "Understanding the difficulty of training deep
 * feedforward neural networks", AISTATS 2010.
 */
export const glorotUniform = (): GlorotUniformConfig => ({ type: "glorotUniform" });

export const glorotUniformType = defineInitializer<GlorotUniformConfig>({
  type: "glorotUniform",
  schema,
  values(_config, shape, random) {
    const { fanIn, fanOut } = fans(shape);
    return drawUniform(Math.sqrt(6 / (fanIn + fanOut)), shape, random);
  },
});
