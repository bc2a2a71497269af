import type * as v from "valibot";
import { configure } from "../base/config.ts";
import { tanh as tanhOp } from "../ops/tanh.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("tanh", {});
export type TanhConfig = v.InferOutput<typeof schema>;

export const tanhType = defineLayer<TanhConfig>({
  type: "tanh",
  schema,
  build: (builder, [x]) => builder.apply(tanhOp, { x }, {}),
});

/** Hyperbolic tangent: y = tanh x, for any shape. */
export const tanh = (options: LayerOptions = {}): TanhConfig => configure(tanhType, options);
