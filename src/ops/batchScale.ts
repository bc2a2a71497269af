import { dims, shapeError } from "../base/shape.ts";
import {
  add,
  block,
  constant,
  define,
  div,
  fma,
  greater,
  load,
  loops,
  max,
  mul,
  negate,
  one,
  select,
  sqrt,
  store,
  zero,
} from "../ir/build.ts";
import type { Affine, Stmt, Value, View } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { checkAttribute, checkChannels, checkWhole } from "./check.ts";
import { defineOp } from "./op.ts";

export interface BatchScaleAttrs {
  /** The number of elements per channel in the whole batch: N·H·W. */
  readonly count: number;
  /** Added to the variance. */
  readonly epsilon: number;
}

/** Throws `INVALID_ARGUMENT` unless epsilon can be added to a variance: a finite number above 0. */
export const checkEpsilon = (op: string, epsilon: number): void =>
  checkAttribute(op, "epsilon", epsilon, Number.isFinite(epsilon) && epsilon > 0, "a number above 0");

/** The statistics of a channel. */
interface Channel {
  readonly mean: Value;
  /** E[x²] − E[x]², before it is clamped to at least 0. */
  readonly spread: Value;
  /** 1 / √(variance + epsilon) */
  readonly inverse: Value;
}

/** A statement for each channel, from its sums. */
const eachChannel = (
  sums: View,
  { count, epsilon }: BatchScaleAttrs,
  body: (c: Affine, channel: Channel) => Stmt,
): Stmt =>
  loops({ c: sums.shape[1]! }, ({ c }) =>
    define("mean", div(load(at(sums, 0, c)), constant(count)), (mean) =>
      define("spread", fma(negate(mean), mean, div(load(at(sums, 1, c)), constant(count))), (spread) =>
        define("inverse", div(one, sqrt(add(max(spread, zero), constant(epsilon)))), (inverse) =>
          body(c, { mean, spread, inverse }),
        ),
      ),
    ),
  );

/** The gradient of y[0,c], on which y[1,c] depends as well. */
const scaleGradient = (dy: View, c: Affine, mean: Value): Value =>
  fma(negate(mean), load(at(dy, 1, c)), load(at(dy, 0, c)));

/**
 * The scale and the shift that batch normalization applies to each channel during training.
 *
 *   mean = sums[0,c] / count,   var = max(sums[1,c] / count − mean², 0),   inv = 1 / √(var + ε)
 *   y[0,c] = gamma[c]·inv,   y[1,c] = beta[c] − mean·y[0,c]
 *
 * and, with g = dy[0,c] − mean·dy[1,c],
 *
 *   dgamma[c] = inv·g,   dbeta[c] = dy[1,c]
 *   dvar = −½·inv³·gamma[c]·g where var > 0, else 0,   dmean = −y[0,c]·dy[1,c] − 2·mean·dvar
 *   dsums[0,c] = dmean / count,   dsums[1,c] = dvar / count
 *
 * sums [2,C], from `channelSums`, gamma [C] and beta [C] give y [2,C], for `scaleShift`; all of them belong
 * to the batch as a whole. The variance is the biased one of the batch, divided by count. Source: Ioffe and
 * Szegedy, "Batch normalization", ICML 2015.
 */
export const batchScale = defineOp<BatchScaleAttrs>()({
  name: "batchScale",
  inputs: ["sums", "gamma", "beta"],
  output: "batch",

  infer({ sums, gamma, beta }, { count, epsilon }) {
    const [rows, C] = dims("batchScale", "sums", sums, 2);
    if (rows !== 2) throw shapeError("batchScale", "rows of sums", rows, 2);
    checkChannels("batchScale", C, { gamma, beta });
    checkWhole("batchScale", "count", count, 1);
    checkEpsilon("batchScale", epsilon);
    return sums;
  },

  forward: ({ sums, gamma, beta }, y, attrs) => [
    eachChannel(sums, attrs, (c, { mean, inverse }) =>
      define("scale", mul(load(at(gamma, c)), inverse), (scale) =>
        block(store(at(y, 0, c), scale), store(at(y, 1, c), fma(negate(mean), scale, load(at(beta, c))))),
      ),
    ),
  ],

  backward: {
    sums: ({ sums, gamma }, y, dy, dsums, attrs) => [
      eachChannel(sums, attrs, (c, { mean, spread, inverse }) => {
        const cubed = mul(mul(inverse, inverse), inverse);
        const slope = mul(mul(constant(-0.5), cubed), mul(load(at(gamma, c)), scaleGradient(dy, c, mean)));
        return define("dvar", select(greater(spread, zero), slope, zero), (dvar) => {
          const dmean = fma(mul(constant(-2), mean), dvar, negate(mul(load(at(y, 0, c)), load(at(dy, 1, c)))));
          return block(
            store(at(dsums, 0, c), div(dmean, constant(attrs.count))),
            store(at(dsums, 1, c), div(dvar, constant(attrs.count))),
          );
        });
      }),
    ],
    gamma: ({ sums }, _y, dy, dgamma, attrs) => [
      eachChannel(sums, attrs, (c, { mean, inverse }) =>
        store(at(dgamma, c), mul(inverse, scaleGradient(dy, c, mean))),
      ),
    ],
    beta: (_t, _y, dy, dbeta) => [loops({ c: dbeta.shape[0]! }, ({ c }) => store(at(dbeta, c), load(at(dy, 1, c))))],
  },

  reference({ sums, gamma, beta }, _shapes, y, _yShape, { count, epsilon }) {
    const C = gamma.length;
    for (let c = 0; c < C; c++) {
      const mean = sums[c]! / count;
      const variance = Math.max(sums[C + c]! / count - mean ** 2, 0);
      y[c] = gamma[c]! / Math.sqrt(variance + epsilon);
      y[C + c] = beta[c]! - mean * y[c]!;
    }
  },

  samples: [
    sample(10, [1, -20, 5], [12, 50, 7]),
    sample(144, [3], [200]),
    sample(64, [1, 2, 3, 4, 5, 6, 7, -8, 9], [64, 70, 10, 99, 400, 90, 1, 2, 3]),
    // A channel whose values are all equal: its variance is 0, and rounding must not make it negative.
    {
      shapes: { sums: [2, 2], gamma: [2], beta: [2] },
      attrs: { count: 3, epsilon: 0.25 },
      values: { sums: [6, 0, 11, 0], gamma: [0.5, 2], beta: [1, 1] },
      gradient: { sums: [-1, -16 / 3, 0, 0], gamma: [-10, 4], beta: [3, 4] },
    },
  ],
  rejects: [
    { ...sample(0, [1], [1]), message: "batchScale: count is 0, expected a whole number of at least 1" },
    {
      shapes: { sums: [3, 4], gamma: [4], beta: [4] },
      attrs: { count: 10, epsilon: 0.001 },
      message: "batchScale: rows of sums is 3, expected 2",
    },
    {
      shapes: { sums: [2, 4], gamma: [3], beta: [4] },
      attrs: { count: 10, epsilon: 0.001 },
      message: "batchScale: length of gamma is 3, expected 4",
    },
    {
      shapes: { sums: [2, 4], gamma: [4], beta: [1, 4] },
      attrs: { count: 10, epsilon: 0.001 },
      message: "batchScale: rank of beta is 2, expected 1",
    },
    {
      shapes: { sums: [2, 4], gamma: [4], beta: [4] },
      attrs: { count: 10, epsilon: 0 },
      message: "batchScale: epsilon is 0, expected a number above 0",
    },
  ],
});

function sample(count: number, sum: readonly number[], squares: readonly number[]) {
  const C = sum.length;
  return {
    shapes: { sums: [2, C], gamma: [C], beta: [C] },
    attrs: { count, epsilon: 0.001 },
    values: { sums: [...sum, ...squares] },
  };
}
