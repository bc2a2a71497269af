import type * as v from "valibot";
import { relu as reluOp } from "../ops/relu.ts";
import { configure, defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("relu", {});
export type ReluConfig = v.InferOutput<typeof schema>;

export const reluType = defineLayer<ReluConfig>({
  type: "relu",
  schema,
  build: (builder, [x]) => builder.apply(reluOp, { x }, {}),
});

/** Rectified linear unit y = max(x, 0), of any shape. */
export const relu = (options: LayerOptions = {}): ReluConfig => configure(reluType, options);
