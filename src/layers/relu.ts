import type * as v from "valibot";
import { configure } from "../base/config.ts";
import { relu as reluOp } from "../ops/relu.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("relu", {});
export type ReluConfig = v.InferOutput<typeof schema>;

export const reluType = defineLayer<ReluConfig>({
  type: "relu",
  schema,
  build: (builder, [x]) => builder.apply(reluOp, { x }, {}),
});

/** Rectified linear unit: y = max(x, 0), for any shape. */
export const relu = (options: LayerOptions = {}): ReluConfig => configure(reluType, options);
