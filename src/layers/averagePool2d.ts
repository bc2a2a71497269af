import * as v from "valibot";
import { configure, flag } from "../base/config.ts";
import { averagePool2d as averagePool2dOp } from "../ops/averagePool2d.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";
import { poolSettings, type WindowOptions } from "./window.ts";

const schema = layerSchema("averagePool2d", { ...poolSettings, countIncludePad: v.optional(flag) });
export type AveragePool2dConfig = v.InferOutput<typeof schema>;

export const averagePool2dType = defineLayer<AveragePool2dConfig>({
  type: "averagePool2d",
  schema,
  usual: { poolSize: 2 },
  build: (builder, [x], { poolSize, strides = poolSize, padding, dilationRate, countIncludePad }) =>
    builder.apply(averagePool2dOp, { x }, { poolSize, strides, padding, dilationRate, countIncludePad }),
});

/**
 * Average pooling of x [N,H,W,C]: the mean of each window, without the padding unless `countIncludePad`. As in Keras, the
 * pool size defaults to 2, strides default to the pool size, and padding to "valid". Throws `INVALID_ARGUMENT` for an
 * invalid setting.
 */
export const averagePool2d = (
  poolSize: number | readonly [number, number] = 2,
  options: {
    /** Whether the zeros of the padding are counted. Default: false. */
    readonly countIncludePad?: boolean;
  } & WindowOptions &
    LayerOptions = {},
): AveragePool2dConfig => configure(averagePool2dType, { poolSize, ...options });
