import * as v from "valibot";
import { configure, fraction } from "../base/config.ts";
import { randomColor as randomColorOp } from "../ops/randomColor.ts";
import { degrees } from "./augment.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("randomColor", {
  saturation: v.optional(fraction, 0),
  hue: v.optional(degrees, 0),
  probability: v.optional(fraction, 1),
});
export type RandomColorConfig = v.InferOutput<typeof schema>;

export const randomColorType = defineLayer<RandomColorConfig>({
  type: "randomColor",
  schema,
  build(builder, [x], { saturation, hue, probability }) {
    if (!builder.training || (saturation === 0 && hue === 0)) return x;
    return builder.apply(randomColorOp, { x }, { saturation, hue, probability, stream: builder.index });
  },
});

/**
 * Changes the saturation and the hue of each color image [H,W,3] at random; at inference, y = x. The mean of an image's
 * three channels stays the same; `randomContrast` changes brightness and contrast. Throws `INVALID_SHAPE` where a
 * network is built with it for images that do not have 3 channels.
 *
 *   saturation:  the largest relative change of saturation, from 0 to 1: 0.2 for ±20 %; default 0
 *   hue:         the largest turn of hues, in degrees from 0 to 180, in either direction; default 0
 *   probability: the probability that an image is changed at all; default 1
 */
export const randomColor = (
  options: { readonly saturation?: number; readonly hue?: number; readonly probability?: number } & LayerOptions,
): RandomColorConfig => configure(randomColorType, options);
