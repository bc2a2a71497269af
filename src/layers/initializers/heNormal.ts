import * as v from "valibot";
import { defineInitializer, fans } from "./initializer.ts";
import { drawScaled } from "./truncatedNormal.ts";

const schema = v.strictObject({ type: v.literal("heNormal") });
export type HeNormalConfig = v.InferOutput<typeof schema>;

/**
 * Truncated normal with standard deviation √(2 / fanIn), which preserves the variance of activations through ReLU.
 *
 * Same as Keras' HeNormal; PyTorch's `kaiming_normal_` has the same deviation and is not truncated. Source: He,
 * Zhang, Ren, Sun, "Delving deep into rectifiers", ICCV 2015.
 */
export const heNormal = (): HeNormalConfig => ({ type: "heNormal" });

export const heNormalType = defineInitializer<HeNormalConfig>({
  type: "heNormal",
  schema,
  values: (_config, shape, random) => drawScaled(2 / fans(shape).fanIn, shape, random),
});
