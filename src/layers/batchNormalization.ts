import * as v from "valibot";
import { configure, positive, probability } from "../base/config.ts";
import { sizeOf } from "../base/shape.ts";
import { add, block, constant, define, div, fma, load, loops, max, negate, store, zero } from "../ir/build.ts";
import { follow, warmedUp } from "../ir/movingAverage.ts";
import type { Affine, Ref, Value } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { batchScale } from "../ops/batchScale.ts";
import { center } from "../ops/center.ts";
import { channelSums } from "../ops/channelSums.ts";
import type { Node, Tensor } from "../ops/graph.ts";
import { runningScale } from "../ops/runningScale.ts";
import { scaleShift } from "../ops/scaleShift.ts";
import { ones, zeros } from "./initializers/index.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("batchNormalization", {
  momentum: v.optional(probability, 0.99),
  epsilon: v.optional(positive, 1e-3),
});
export type BatchNormalizationConfig = v.InferOutput<typeof schema>;

export const batchNormalizationType = defineLayer<BatchNormalizationConfig>({
  type: "batchNormalization",
  schema,
  build(builder, [x], { momentum, epsilon }) {
    const channels = x.shape.at(-1)!;
    const gamma = builder.parameter("gamma", [channels], ones());
    const beta = builder.parameter("beta", [channels], zeros());
    const mean = builder.state("movingMean", [channels], zeros());
    const variance = builder.state("movingVariance", [channels], ones());
    if (!builder.training) {
      const s = builder.apply(runningScale, { mean, variance, gamma, beta }, { epsilon }, "scale");
      return builder.apply(scaleShift, { x, s }, {});
    }
    const count = sizeOf(x.shape) / channels;
    // The variance is a difference of two sums, which cancel if the mean is many deviations from 0. The mean of the
    // previous batch is close enough to that of this one to keep both small.
    const previous = builder.trainingState("previousMean", [channels]);
    const centered = builder.apply(center, { x, m: previous }, {}, "centered");
    const sums = builder.apply(channelSums, { x: centered }, {}, "sums");
    builder.update(movingNode({ sums, previous, mean, variance }, count, momentum));
    const s = builder.apply(batchScale, { sums, gamma, beta }, { count, epsilon }, "scale");
    return builder.apply(scaleShift, { x: centered, s }, {});
  },
  channelScale({ epsilon }, weights) {
    const [gamma, beta, mean, variance] = ["gamma", "beta", "movingMean", "movingVariance"].map(
      (name) => weights.get(name)!,
    ) as [Float32Array, Float32Array, Float32Array, Float32Array];
    const scale = Float64Array.from(gamma, (g, c) => g / Math.sqrt(variance[c]! + epsilon));
    return { scale, shift: Float64Array.from(beta, (b, c) => b - mean[c]! * scale[c]!) };
  },
});

/** The sums of a batch without the previous mean, and the states that follow from them. */
interface Statistics {
  readonly sums: Tensor;
  readonly previous: Tensor;
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/**
 * moving ← d · moving + (1 − d) · that of the batch, with the momentum warmed up as d;   previous ← the mean of the
 * batch
 */
function movingNode({ sums, previous, mean, variance }: Statistics, count: number, momentum: number): Node {
  return {
    name: `update.${mean.name}`,
    writes: [mean, variance, previous],
    scratch: [],
    nests(view, { step }) {
      const average = (row: number, c: Affine) => div(load(at(view(sums), row, c)), constant(count));
      const write = (state: Ref, value: Value, decay: Value) => store(state, follow(load(state), value, decay));
      return [
        loops({ c: mean.shape[0]! }, ({ c }) => {
          const [before, moving, spread] = [previous, mean, variance].map((state) => at(view(state), c));
          return define("shift", average(0, c), (shift) =>
            define("batchMean", add(load(before!), shift), (batchMean) =>
              define("decay", warmedUp(momentum, step), (decay) =>
                block(
                  write(moving!, batchMean, decay),
                  write(spread!, max(fma(negate(shift), shift, average(1, c)), zero), decay),
                  store(before!, batchMean),
                ),
              ),
            ),
          );
        }),
      ];
    },
  };
}

/**
 * Batch normalization over all axes but the channels: y = gamma · (x − mean) / √(variance + epsilon) + beta.
 *
 * Training uses the mean and the biased variance of the batch and keeps moving averages of both, which inference
 * uses: moving ← d · moving + (1 − d) · batch with d = min(momentum, (1 + t) / (10 + t)) at step t counted from 0, so
 * that they are those of the data after a few steps. Defaults: momentum 0.99, epsilon 0.001; gamma starts at 1, beta at
 * 0. Same as Keras' BatchNormalization, whose momentum is constant.
 * Throws `INVALID_ARGUMENT` for an invalid setting. Source: Ioffe and Szegedy, "Batch normalization: accelerating deep network training
 * by reducing internal covariate shift", ICML 2015.
 */
export const batchNormalization = (
  options: { readonly momentum?: number; readonly epsilon?: number } & LayerOptions = {},
): BatchNormalizationConfig => configure(batchNormalizationType, options);
