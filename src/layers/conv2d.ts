import * as v from "valibot";
import { configure, count, flag, pair } from "../base/config.ts";
import { dims, shapeError } from "../base/shape.ts";
import { bias } from "../ops/bias.ts";
import { conv2d as conv2dOp } from "../ops/conv2d.ts";
import { foldScale } from "./channelScale.ts";
import { glorotUniform, type InitializerConfig, zeros } from "./initializers/index.ts";
import { initializer } from "./initializers/registry.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";
import { type WindowOptions, windowSettings } from "./window.ts";
import { convolveByWinograd, suitsWinograd } from "./winograd.ts";

const algorithm = v.picklist(["direct", "winograd"], '"direct" or "winograd"');

const schema = layerSchema("conv2d", {
  filters: count,
  kernelSize: pair,
  strides: v.optional(pair, 1),
  ...windowSettings,
  groups: v.optional(count, 1),
  useBias: v.optional(flag, true),
  kernelInitializer: v.optional(initializer, glorotUniform),
  biasInitializer: v.optional(initializer, zeros),
  algorithm: v.optional(algorithm),
});
export type Conv2dConfig = v.InferOutput<typeof schema>;

export const conv2dType = defineLayer<Conv2dConfig>({
  type: "conv2d",
  schema,
  usual: { filters: 16, kernelSize: 3 },
  foldScale,
  withWinograd: (config, x) =>
    config.algorithm === undefined && suitsWinograd(config, x) ? { ...config, algorithm: "winograd" } : config,
  withoutWinograd: (config) => (config.algorithm === "winograd" ? { ...config, algorithm: "direct" } : config),
  build(builder, [x], config) {
    const { filters, kernelSize, strides, padding, dilationRate, groups, useBias } = config;
    const [, , , channels] = dims("conv2d", "x", x.shape, 4);
    if (channels % groups !== 0)
      throw shapeError("conv2d", "groups", groups, `a divisor of the ${channels} input channels`);
    const w = builder.parameter("kernel", [...kernelSize, channels / groups, filters], config.kernelInitializer);
    const convolve = (part?: string) =>
      config.algorithm === "winograd"
        ? convolveByWinograd(builder, { x, w }, config, part)
        : builder.apply(conv2dOp, { x, w }, { strides, padding, dilationRate, groups }, part);
    if (!useBias) return convolve();
    const b = builder.parameter("bias", [filters], config.biasInitializer);
    return builder.apply(bias, { x: convolve("conv2d"), b }, {});
  },
});

/**
 * 2-D convolution: x [N,H,W,C] gives y [N,R,S,filters], with a kernel [U,V,C/groups,filters] and a bias
 * [filters].
 *
 * Defaults are those of Keras: strides 1, padding "valid", dilation rate 1, one group, a bias initialized to zeros, a
 * Glorot uniform kernel. Padding is that of TensorFlow. Throws `INVALID_ARGUMENT` for an invalid setting.
 */
export const conv2d = (
  filters: number,
  kernelSize: number | readonly [number, number],
  options: {
    /** The number of groups of channels that are convolved separately. Default: 1. */
    readonly groups?: number;
    /**
     * "direct", or "winograd", which needs down to a sixth of the multiplications for large enough outputs, at slightly
     * more rounding error. Winograd requires strides and a dilation rate of 1, one group, and a kernel size of 3 or 5 along
     * each axis; the parameters are the same. Default: direct, unless `withWinograd` finds that Winograd saves at least a third.
     */
    readonly algorithm?: "direct" | "winograd";
    readonly useBias?: boolean;
    readonly kernelInitializer?: InitializerConfig;
    readonly biasInitializer?: InitializerConfig;
  } & WindowOptions &
    LayerOptions = {},
): Conv2dConfig => configure(conv2dType, { filters, kernelSize, ...options });
