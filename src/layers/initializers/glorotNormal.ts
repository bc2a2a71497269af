import * as v from "valibot";
import { defineInitializer, fans } from "./initializer.ts";
import { drawScaled } from "./truncatedNormal.ts";

const schema = v.strictObject({ type: v.literal("glorotNormal") });
export type GlorotNormalConfig = v.InferOutput<typeof schema>;

/**
 * Truncated normal with standard deviation √(2 / (fanIn + fanOut)), which preserves the variance of
 * activations and gradients.
 *
 * Same as Keras' GlorotNormal; PyTorch's `xavier_normal_` has the same deviation and is not truncated. Source:
 * Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
 */
export const glorotNormal = (): GlorotNormalConfig => ({ type: "glorotNormal" });

export const glorotNormalType = defineInitializer<GlorotNormalConfig>({
  type: "glorotNormal",
  schema,
  values(_config, shape, random) {
    const { fanIn, fanOut } = fans(shape);
    return drawScaled(2 / (fanIn + fanOut), shape, random);
  },
});
