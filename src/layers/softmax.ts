import type * as v from "valibot";
import { configure } from "../base/config.ts";
import { softmax as softmaxOp } from "../ops/softmax.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("softmax", {});
export type SoftmaxConfig = v.InferOutput<typeof schema>;

export const softmaxType = defineLayer<SoftmaxConfig>({
  type: "softmax",
  schema,
  build: (builder, [x]) => builder.apply(softmaxOp, { x }, {}),
});

/**
 * Softmax over the last axis: x [N,…,K] gives y of the same shape. Do not end a network with it: the loss and the
 * predictions expect logits.
 */
export const softmax = (options: LayerOptions = {}): SoftmaxConfig => configure(softmaxType, options);
