import type * as v from "valibot";
import { configure, probability } from "../base/config.ts";
import { spatialDropout2d as spatialDropout2dOp } from "../ops/spatialDropout2d.ts";
import { type DropoutOptions, kept } from "./dropout.ts";
import { defineLayer, layerSchema } from "./layer.ts";

const schema = layerSchema("spatialDropout2d", { keepProbability: probability });
export type SpatialDropout2dConfig = v.InferOutput<typeof schema>;

export const spatialDropout2dType = defineLayer<SpatialDropout2dConfig>({
  type: "spatialDropout2d",
  schema,
  build(builder, [x], { keepProbability }) {
    if (!builder.training || keepProbability === 1) return x;
    return builder.apply(spatialDropout2dOp, { x }, { keepProbability, stream: builder.index });
  },
});

/**
 * Keeps each channel of each image of x [N,H,W,C] with the given probability and scales it by 1 / keepProbability,
 * else sets it to 0; when testing, y = x. `rate` is 1 − keepProbability; give one of them. Same as Keras'
 * SpatialDropout2D.
 */
export const spatialDropout2d = (options: DropoutOptions): SpatialDropout2dConfig =>
  configure(spatialDropout2dType, kept("spatialDropout2d", options));
