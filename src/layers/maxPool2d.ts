import type * as v from "valibot";
import { configure } from "../base/config.ts";
import { maxPool2d as maxPool2dOp } from "../ops/maxPool2d.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";
import { poolSettings, type WindowOptions } from "./window.ts";

const schema = layerSchema("maxPool2d", poolSettings);
export type MaxPool2dConfig = v.InferOutput<typeof schema>;

export const maxPool2dType = defineLayer<MaxPool2dConfig>({
  type: "maxPool2d",
  schema,
  usual: { poolSize: 2 },
  build: (builder, [x], { poolSize, strides = poolSize, padding, dilationRate }) =>
    builder.apply(maxPool2dOp, { x }, { poolSize, strides, padding, dilationRate }),
});

/**
 * Max pooling of x [N,H,W,C]: the maximum of each window. As in Keras, the pool size defaults to 2, strides default to
 * the pool size, and padding to "valid". Throws `INVALID_ARGUMENT` for an invalid setting.
 */
export const maxPool2d = (
  poolSize: number | readonly [number, number] = 2,
  options: WindowOptions & LayerOptions = {},
): MaxPool2dConfig => configure(maxPool2dType, { poolSize, ...options });
