import type * as v from "valibot";
import { configure, notNegative } from "../base/config.ts";
import { gaussianNoise as gaussianNoiseOp } from "../ops/gaussianNoise.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("gaussianNoise", { stddev: notNegative });
export type GaussianNoiseConfig = v.InferOutput<typeof schema>;

export const gaussianNoiseType = defineLayer<GaussianNoiseConfig>({
  type: "gaussianNoise",
  schema,
  usual: { stddev: 0.1 },
  build(builder, [x], { stddev }) {
    if (!builder.training || stddev === 0) return x;
    return builder.apply(gaussianNoiseOp, { x }, { stddev, stream: builder.index });
  },
});

/**
 * Adds independent Gaussian noise of mean 0 and standard deviation `stddev`, on a scale where black to white is 1; at
 * inference, y = x. Same as Keras' GaussianNoise.
 */
export const gaussianNoise = (options: { readonly stddev: number } & LayerOptions): GaussianNoiseConfig =>
  configure(gaussianNoiseType, options);
