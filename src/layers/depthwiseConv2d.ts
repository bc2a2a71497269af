import * as v from "valibot";
import { configure, count, flag, pair } from "../base/config.ts";
import { dims } from "../base/shape.ts";
import { bias } from "../ops/bias.ts";
import { conv2d } from "../ops/conv2d.ts";
import { foldScale } from "./channelScale.ts";
import { glorotUniform, type InitializerConfig, zeros } from "./initializers/index.ts";
import { initializer } from "./initializers/registry.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";
import { type WindowOptions, windowSettings } from "./window.ts";

const schema = layerSchema("depthwiseConv2d", {
  kernelSize: pair,
  strides: v.optional(pair, 1),
  ...windowSettings,
  depthMultiplier: v.optional(count, 1),
  useBias: v.optional(flag, true),
  depthwiseInitializer: v.optional(initializer, glorotUniform),
  biasInitializer: v.optional(initializer, zeros),
});
export type DepthwiseConv2dConfig = v.InferOutput<typeof schema>;

export const depthwiseConv2dType = defineLayer<DepthwiseConv2dConfig>({
  type: "depthwiseConv2d",
  schema,
  usual: { kernelSize: 3 },
  foldScale,
  build(builder, [x], config) {
    const { kernelSize, strides, padding, dilationRate, depthMultiplier, useBias } = config;
    const groups = dims("depthwiseConv2d", "x", x.shape, 4)[3];
    const filters = groups * depthMultiplier;
    const w = builder.parameter("kernel", [...kernelSize, 1, filters], config.depthwiseInitializer);
    const attrs = { strides, padding, dilationRate, groups };
    if (!useBias) return builder.apply(conv2d, { x, w }, attrs);
    const b = builder.parameter("bias", [filters], config.biasInitializer);
    return builder.apply(bias, { x: builder.apply(conv2d, { x, w }, attrs, "conv2d"), b }, {});
  },
});

/**
 * Depthwise 2-D convolution: each channel is convolved separately. x [N,H,W,C] gives y [N,R,S,C·depthMultiplier], where
 * the outputs from c·depthMultiplier on belong to input channel c.
 *
 * Names and defaults are those of Keras: strides 1, padding "valid", dilation rate 1, depthMultiplier 1, a bias initialized to
 * zeros, a Glorot uniform kernel. The kernel is [U,V,1,C·depthMultiplier]; Keras stores the same numbers as
 * [U,V,C,depthMultiplier]. Throws `INVALID_ARGUMENT` for an invalid setting.
 */
export const depthwiseConv2d = (
  kernelSize: number | readonly [number, number],
  options: {
    readonly depthMultiplier?: number;
    readonly useBias?: boolean;
    readonly depthwiseInitializer?: InitializerConfig;
    readonly biasInitializer?: InitializerConfig;
  } & WindowOptions &
    LayerOptions = {},
): DepthwiseConv2dConfig => configure(depthwiseConv2dType, { kernelSize, ...options });
