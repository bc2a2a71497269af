import * as v from "valibot";
import { defineInitializer, fans } from "./initializer.ts";
import { drawUniform } from "./uniform.ts";

const schema = v.strictObject({ type: v.literal("heUniform") });
export type HeUniformConfig = v.InferOutput<typeof schema>;

/**
 * Uniform in ±√(6 / fanIn), which preserves the variance of activations through ReLU.
 *
 * Same as Keras' HeUniform, and PyTorch's `kaiming_uniform_` for ReLU. Source: He, Zhang, Ren, Sun, "Delving deep
 * into rectifiers", ICCV 2015.
 */
export const heUniform = (): HeUniformConfig => ({ type: "heUniform" });

export const heUniformType = defineInitializer<HeUniformConfig>({
  type: "heUniform",
  schema,
  values: (_config, shape, random) => drawUniform(Math.sqrt(6 / fans(shape).fanIn), shape, random),
});
