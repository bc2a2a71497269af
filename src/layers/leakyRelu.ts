import * as v from "valibot";
import { configure, notNegative } from "../base/config.ts";
import { leakyRelu as leakyReluOp } from "../ops/leakyRelu.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("leakyRelu", { negativeSlope: v.optional(notNegative, 0.3) });
export type LeakyReluConfig = v.InferOutput<typeof schema>;

export const leakyReluType = defineLayer<LeakyReluConfig>({
  type: "leakyRelu",
  schema,
  build: (builder, [x], { negativeSlope }) => builder.apply(leakyReluOp, { x }, { negativeSlope }),
});

/** Leaky ReLU: y = x for x > 0, else negativeSlope · x. The slope defaults to 0.3, as in Keras; PyTorch's default is 0.01. */
export const leakyRelu = (options: { readonly negativeSlope?: number } & LayerOptions = {}): LeakyReluConfig =>
  configure(leakyReluType, options);
