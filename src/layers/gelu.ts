import * as v from "valibot";
import { configure } from "../base/config.ts";
import { gelu as geluOp } from "../ops/gelu.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const approximate = v.picklist(["none", "tanh"], '"none" or "tanh"');
const schema = layerSchema("gelu", { approximate: v.optional(approximate) });
export type GeluConfig = v.InferOutput<typeof schema>;

export const geluType = defineLayer<GeluConfig>({
  type: "gelu",
  schema,
  build: (builder, [x], { approximate }) => builder.apply(geluOp, { x }, { approximate }),
});

/**
 * Gaussian error linear unit, for any shape: y = x·Φ(x), or its tanh approximation, as Keras' `gelu(x, approximate=True)`.
 * `approximate` is "none" or "tanh", as in PyTorch and ONNX, but "tanh" by default.
 */
export const gelu = (options: { readonly approximate?: "none" | "tanh" } & LayerOptions = {}): GeluConfig =>
  configure(geluType, options);
