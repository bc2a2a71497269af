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
 * Divides each element by a power of the squares in the channels around it:
 *
 *   y[c] = x[c] · (bias + alpha · Σ_{|j| ≤ depthRadius} x[c+j]²)^−beta
 *
 * Definition and defaults (5, 1, 1, 0.5) as in `tf.nn.local_response_normalization`; PyTorch's alpha is
 * larger by the number of channels in the window.
 */
export const localResponseNormalization = (
  options: {
    readonly depthRadius?: number;
    readonly bias?: number;
    readonly alpha?: number;
    readonly beta?: number;
  } & LayerOptions = {},
): LocalResponseNormalizationConfig => configure(localResponseNormalizationType, options);
