import * as v from "valibot";
import { configure, count, finite, positive } from "../base/config.ts";
import { localResponseNormalization as lrnOp } from "../ops/localResponseNormalization.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("localResponseNormalization", {
  depthRadius: v.optional(count, 5),
  bias: v.optional(positive, 1),
  alpha: v.optional(positive, 1),
  beta: v.optional(finite, 0.5),
});
export type LocalResponseNormalizationConfig = v.InferOutput<typeof schema>;

export const localResponseNormalizationType = defineLayer<LocalResponseNormalizationConfig>({
  type: "localResponseNormalization",
  schema,
  build: (builder, [x], { depthRadius, bias, alpha, beta }) =>
    builder.apply(lrnOp, { x }, { depthRadius, bias, alpha, beta }),
});

/**
 * Divides each element by a power of the sum of squares over adjacent channels:
 *
 *   y[c] = x[c] · (bias + alpha · Σ_{|j| ≤ depthRadius} x[c+j]²)^−beta
 *
 * Definition and defaults (depthRadius 5, bias 1, alpha 1, beta 0.5) are those of
 * `tf.nn.local_response_normalization`; PyTorch divides alpha by the number of channels in the window. Source:
 * Krizhevsky, Sutskever, Hinton, "ImageNet classification with deep convolutional neural networks", NIPS 2012.
 */
export const localResponseNormalization = (
  options: {
    readonly depthRadius?: number;
    readonly bias?: number;
    readonly alpha?: number;
    readonly beta?: number;
  } & LayerOptions = {},
): LocalResponseNormalizationConfig => configure(localResponseNormalizationType, options);
