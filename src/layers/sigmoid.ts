import type * as v from "valibot";
import { configure } from "../base/config.ts";
import { sigmoid as sigmoidOp } from "../ops/sigmoid.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("sigmoid", {});
export type SigmoidConfig = v.InferOutput<typeof schema>;

export const sigmoidType = defineLayer<SigmoidConfig>({
  type: "sigmoid",
  schema,
  build: (builder, [x]) => builder.apply(sigmoidOp, { x }, {}),
});

/** Logistic sigmoid: y = 1 / (1 + e^−x), for any shape. */
export const sigmoid = (options: LayerOptions = {}): SigmoidConfig => configure(sigmoidType, options);
