import { constant, div, load, loops, store } from "../ir/build.ts";
import { contraction } from "../ir/contraction.ts";
import { at } from "../ir/view.ts";
import { dims } from "../tensor/shape.ts";
import { defineOp } from "./op.ts";

/** The mean over the batch, y[0] = (Σ_n x[n]) / N. x [N] gives y [1], e.g. the loss of a step. As `tf.reduce_mean`. */
export const mean = defineOp()({
  name: "mean",
  inputs: ["x"],
  output: "batch",

  infer({ x }) {
    dims("mean", "x", x, 1);
    return [1];
  },

  forward({ x }, y) {
    const N = x.shape[0]!;
    return [contraction({ n: N }, ({ n }) => ({ out: at(y, 0), a: at(x, n), finish: (sum) => div(sum, constant(N)) }))];
  },

  backward: {
    x({ x }, _y, dy, dx) {
      const N = x.shape[0]!;
      return [loops({ n: N }, ({ n }) => store(at(dx, n), div(load(at(dy, 0)), constant(N))))];
    },
  },

  reference({ x }, _shapes, y) {
    y[0] = x.reduce((sum, value) => sum + value, 0) / x.length;
  },

  samples: [
    { shapes: { x: [16] }, attrs: {} },
    { shapes: { x: [7] }, attrs: {} },
    { shapes: { x: [1] }, attrs: {} },
  ],
  rejects: [{ shapes: { x: [4, 1] }, attrs: {}, message: "mean: rank of x is 2, expected 1" }],
});
