import type * as v from "valibot";
import { configure } from "../base/config.ts";
import { hardSwish as hardSwishOp } from "../ops/hardSwish.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("hardSwish", {});
export type HardSwishConfig = v.InferOutput<typeof schema>;

export const hardSwishType = defineLayer<HardSwishConfig>({
  type: "hardSwish",
  schema,
  build: (builder, [x]) => builder.apply(hardSwishOp, { x }, {}),
});

/** Hard swish y = x · min(max(x + 3, 0), 6) / 6, of any shape. Same as Keras' `hard_silu` and PyTorch's Hardswish. */
export const hardSwish = (options: LayerOptions = {}): HardSwishConfig => configure(hardSwishType, options);
