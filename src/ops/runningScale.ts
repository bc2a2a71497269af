import { dims } from "../base/shape.ts";
import { add, block, constant, define, div, fma, load, loops, negate, sqrt, store } from "../ir/build.ts";
import type { Affine, Value, View } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { checkEpsilon } from "./batchScale.ts";
import { checkChannels } from "./check.ts";
import { defineOp } from "./op.ts";

export interface RunningScaleAttrs {
  /** Added to the variance. */
  readonly epsilon: number;
}

/** x / √(variance + epsilon) for a channel. */
const normalized = (x: Value, variance: View, c: Affine, epsilon: number): Value =>
  div(x, sqrt(add(load(at(variance, c)), constant(epsilon))));

/**
 * The scale and the shift that batch normalization applies to each channel at inference.
 *
 *   y[0,c] = gamma[c] / √(variance[c] + ε),   y[1,c] = beta[c] − mean[c]·y[0,c]
 *   dgamma[c] = (dy[0,c] − mean[c]·dy[1,c]) / √(variance[c] + ε),   dbeta[c] = dy[1,c]
 *
 * mean, variance (running statistics, which are not trained), gamma and beta [C] give y [2,C], for
 * `scaleShift`; all of them belong to the batch as a whole.
 */
export const runningScale = defineOp<RunningScaleAttrs>()({
  name: "runningScale",
  inputs: ["mean", "variance", "gamma", "beta"],
  output: "batch",

  infer({ mean, variance, gamma, beta }, { epsilon }) {
    const [C] = dims("runningScale", "mean", mean, 1);
    checkChannels("runningScale", C, { variance, gamma, beta });
    checkEpsilon("runningScale", epsilon);
    return [2, C];
  },

  forward: ({ mean, variance, gamma, beta }, y, { epsilon }) => [
    loops({ c: y.shape[1]! }, ({ c }) =>
      define("scale", normalized(load(at(gamma, c)), variance, c, epsilon), (scale) =>
        block(store(at(y, 0, c), scale), store(at(y, 1, c), fma(negate(load(at(mean, c))), scale, load(at(beta, c))))),
      ),
    ),
  ],

  backward: {
    mean: "constant",
    variance: "constant",
    gamma: ({ mean, variance }, _y, dy, dgamma, { epsilon }) => [
      loops({ c: dgamma.shape[0]! }, ({ c }) => {
        const gradient = fma(negate(load(at(mean, c))), load(at(dy, 1, c)), load(at(dy, 0, c)));
        return store(at(dgamma, c), normalized(gradient, variance, c, epsilon));
      }),
    ],
    beta: (_t, _y, dy, dbeta) => [loops({ c: dbeta.shape[0]! }, ({ c }) => store(at(dbeta, c), load(at(dy, 1, c))))],
  },

  reference({ mean, variance, gamma, beta }, _shapes, y, _yShape, { epsilon }) {
    const C = mean.length;
    for (let c = 0; c < C; c++) {
      y[c] = gamma[c]! / Math.sqrt(variance[c]! + epsilon);
      y[C + c] = beta[c]! - mean[c]! * y[c]!;
    }
  },

  samples: [sample([0, 0.5, 2]), sample([1]), sample([1, 2, 3, 4, 0.1, 0.2, 0.3, 0.4, 9])],
  rejects: [
    { ...sample([1, 2], -1), message: "runningScale: epsilon is -1, expected a number above 0" },
    {
      shapes: { mean: [4], variance: [1], gamma: [4], beta: [4] },
      attrs: { epsilon: 0.001 },
      message: "runningScale: length of variance is 1, expected 4",
    },
    {
      shapes: { mean: [1, 4], variance: [4], gamma: [4], beta: [4] },
      attrs: { epsilon: 0.001 },
      message: "runningScale: rank of mean is 2, expected 1",
    },
  ],
});

function sample(variance: readonly number[], epsilon = 0.001) {
  const shape = [variance.length];
  return {
    shapes: { mean: shape, variance: shape, gamma: shape, beta: shape },
    attrs: { epsilon },
    values: { variance },
  };
}
