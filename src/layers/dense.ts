import * as v from "valibot";
import { configure, count, flag } from "../base/config.ts";
import { dims } from "../base/shape.ts";
import { bias } from "../ops/bias.ts";
import { dense as denseOp } from "../ops/dense.ts";
import { foldScale } from "./channelScale.ts";
import { glorotUniform, type InitializerConfig, zeros } from "./initializers/index.ts";
import { initializer } from "./initializers/registry.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("dense", {
  units: count,
  useBias: v.optional(flag, true),
  kernelInitializer: v.optional(initializer, glorotUniform),
  biasInitializer: v.optional(initializer, zeros),
});
export type DenseConfig = v.InferOutput<typeof schema>;

export const denseType = defineLayer<DenseConfig>({
  type: "dense",
  schema,
  usual: { units: 64 },
  foldScale,
  build(builder, [x], { units, useBias, kernelInitializer, biasInitializer }) {
    const [, features] = dims("dense", "x", x.shape, 2);
    const w = builder.parameter("kernel", [features, units], kernelInitializer);
    if (!useBias) return builder.apply(denseOp, { x, w }, {});
    const b = builder.parameter("bias", [units], biasInitializer);
    return builder.apply(bias, { x: builder.apply(denseOp, { x, w }, {}, "dense"), b }, {});
  },
});

/** Fully connected layer, y = x·kernel + bias: x [N,I] gives y [N,units]. Defaults are those of Keras. Images need a `flatten()` before it. */
export const dense = (
  units: number,
  options: {
    readonly useBias?: boolean;
    readonly kernelInitializer?: InitializerConfig;
    readonly biasInitializer?: InitializerConfig;
  } & LayerOptions = {},
): DenseConfig => configure(denseType, { units, ...options });
