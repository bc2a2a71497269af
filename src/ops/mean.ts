import { dims, shapeError } from "../base/shape.ts";
import { constant, div, elementwise, load } from "../ir/build.ts";
import { contraction } from "../ir/contraction.ts";
import { at } from "../ir/view.ts";
import { defineOp } from "./op.ts";

export interface MeanAttrs {
  /** N. An attribute, because the nests of one tile see only some of the samples. */
  readonly batch: number;
}

/** The mean over the batch, y[0] = (Σ_n x[n]) / N. x [N] gives y [1], e.g. the loss of a step. Same as `tf.reduce_mean`. */
export const mean = defineOp<MeanAttrs>()({
  name: "mean",
  inputs: ["x"],
  output: "batch",

  infer({ x }, { batch }) {
    const [N] = dims("mean", "x", x, 1);
    if (N !== batch) throw shapeError("mean", "batch", batch, N);
    return [1];
  },

  forward: ({ x }, y, { batch }) => [
    contraction({ n: x.shape[0]! }, ({ n }) => ({
      out: at(y, 0),
      a: at(x, n),
      finish: (sum) => div(sum, constant(batch)),
    })),
  ],

  backward: {
    x: (_t, _y, dy, dx, { batch }) => [elementwise(dx, () => div(load(at(dy, 0)), constant(batch)))],
  },

  reference({ x }, _shapes, y) {
    y[0] = x.reduce((sum, value) => sum + value, 0) / x.length;
  },

  samples: [
    { shapes: { x: [16] }, attrs: { batch: 16 } },
    { shapes: { x: [7] }, attrs: { batch: 7 } },
    { shapes: { x: [1] }, attrs: { batch: 1 } },
  ],
  rejects: [
    { shapes: { x: [4, 1] }, attrs: { batch: 4 }, message: "mean: rank of x is 2, expected 1" },
    { shapes: { x: [4] }, attrs: { batch: 8 }, message: "mean: batch is 8, expected 4" },
  ],
});
