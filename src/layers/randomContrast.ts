import * as v from "valibot";
import { belowOne, configure, fraction, notNegative } from "../base/config.ts";
import { randomContrast as randomContrastOp } from "../ops/randomContrast.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("randomContrast", {
  factor: v.optional(belowOne, 0),
  brightness: v.optional(notNegative, 0),
  probability: v.optional(fraction, 1),
});
export type RandomContrastConfig = v.InferOutput<typeof schema>;

export const randomContrastType = defineLayer<RandomContrastConfig>({
  type: "randomContrast",
  schema,
  build(builder, [x], { factor, brightness, probability }) {
    if (!builder.training || (factor === 0 && brightness === 0)) return x;
    return builder.apply(randomContrastOp, { x }, { factor, brightness, probability, stream: builder.index });
  },
});

/**
 * Changes the contrast, about medium gray, and the brightness of each image at random; at inference, y = x.
 *
 *   factor:      the largest relative change of contrast: 0.1 for ±10 %; default 0
 *   brightness:  the largest change of brightness, as a fraction of the range from black to white; default 0
 *   probability: the probability that an image is changed at all; default 1
 */
export const randomContrast = (
  options: { readonly factor?: number; readonly brightness?: number; readonly probability?: number } & LayerOptions,
): RandomContrastConfig => configure(randomContrastType, options);
