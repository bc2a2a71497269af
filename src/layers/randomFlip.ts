import * as v from "valibot";
import { configure, fraction } from "../base/config.ts";
import { randomFlip as randomFlipOp } from "../ops/randomFlip.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("randomFlip", {
  horizontal: v.optional(fraction, 0.5),
  vertical: v.optional(fraction, 0),
});
export type RandomFlipConfig = v.InferOutput<typeof schema>;

export const randomFlipType = defineLayer<RandomFlipConfig>({
  type: "randomFlip",
  schema,
  build(builder, [x], { horizontal, vertical }) {
    if (!builder.training || (horizontal === 0 && vertical === 0)) return x;
    return builder.apply(randomFlipOp, { x }, { horizontal, vertical, stream: builder.index });
  },
});

/**
 * Mirrors some of the images; at inference, y = x. For photos; a mirrored letter is another one or none. It passes no
 * gradient on, so no trained layer may come before it.
 *
 *   horizontal: the probability that an image is mirrored left to right; default 0.5
 *   vertical:   the probability that it is turned upside down; default 0
 */
export const randomFlip = (
  options: { readonly horizontal?: number; readonly vertical?: number } & LayerOptions = {},
): RandomFlipConfig => configure(randomFlipType, options);
