import type * as v from "valibot";
import { configure } from "../base/config.ts";
import { silu as siluOp } from "../ops/silu.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("silu", {});
export type SiluConfig = v.InferOutput<typeof schema>;

export const siluType = defineLayer<SiluConfig>({
  type: "silu",
  schema,
  build: (builder, [x]) => builder.apply(siluOp, { x }, {}),
});

/** Sigmoid linear unit, also called swish: y = x / (1 + e^−x), for any shape. */
export const silu = (options: LayerOptions = {}): SiluConfig => configure(siluType, options);
