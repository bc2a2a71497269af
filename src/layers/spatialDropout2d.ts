import type * as v from "valibot";
import { configure, probability } from "../base/config.ts";
import { spatialDropout2d as spatialDropout2dOp } from "../ops/spatialDropout2d.ts";
import { type DropoutOptions, dropoutSettings } from "./dropout.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("spatialDropout2d", { keepProbability: probability });
export type SpatialDropout2dConfig = v.InferOutput<typeof schema>;

export const spatialDropout2dType = defineLayer<SpatialDropout2dConfig>({
  type: "spatialDropout2d",
  schema,
  usual: { keepProbability: 0.8 },
  build(builder, [x], { keepProbability }) {
    if (!builder.training || keepProbability === 1) return x;
    return builder.apply(spatialDropout2dOp, { x }, { keepProbability, stream: builder.index });
  },
});

/**
 * Sets each channel [H,W] of each image of x [N,H,W,C] to 0 with probability `rate` in training, and scales the others by
 * 1 / (1 − rate); in evaluation and prediction, y = x. `keepProbability`, 1 − rate, can be given instead. Same as
 * Keras' SpatialDropout2D.
 *
 * Throws `INVALID_ARGUMENT` unless 0 ≤ rate < 1.
 */
export function spatialDropout2d(rate: number, options?: LayerOptions): SpatialDropout2dConfig;
export function spatialDropout2d(options: DropoutOptions): SpatialDropout2dConfig;
export function spatialDropout2d(given: number | DropoutOptions, options?: LayerOptions): SpatialDropout2dConfig {
  return configure(spatialDropout2dType, dropoutSettings("spatialDropout2d", given, options));
}
