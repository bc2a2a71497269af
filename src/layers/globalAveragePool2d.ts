import type * as v from "valibot";
import { configure } from "../base/config.ts";
import { globalAveragePool2d as globalAveragePool2dOp } from "../ops/globalAveragePool2d.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("globalAveragePool2d", {});
export type GlobalAveragePool2dConfig = v.InferOutput<typeof schema>;

export const globalAveragePool2dType = defineLayer<GlobalAveragePool2dConfig>({
  type: "globalAveragePool2d",
  schema,
  build: (builder, [x]) => builder.apply(globalAveragePool2dOp, { x }, {}),
});

/** The mean of each channel: x [N,H,W,C] gives y [N,C]. Same as Keras' GlobalAveragePooling2D. */
export const globalAveragePool2d = (options: LayerOptions = {}): GlobalAveragePool2dConfig =>
  configure(globalAveragePool2dType, options);
