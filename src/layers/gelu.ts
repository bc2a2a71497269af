import type * as v from "valibot";
import { configure } from "../base/config.ts";
import { gelu as geluOp } from "../ops/gelu.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("gelu", {});
export type GeluConfig = v.InferOutput<typeof schema>;

export const geluType = defineLayer<GeluConfig>({
  type: "gelu",
  schema,
  build: (builder, [x]) => builder.apply(geluOp, { x }, {}),
});

/** Gaussian error linear unit in its tanh approximation, for any shape: same as Keras' `gelu(x, approximate=True)`. */
export const gelu = (options: LayerOptions = {}): GeluConfig => configure(geluType, options);
