import { dims, shapeError } from "../base/shape.ts";
import { elementwise, load, mul } from "../ir/build.ts";
import { at } from "../ir/view.ts";
import { defineOp } from "./op.ts";

/**
 * Multiplies each sample by a weight: y[n] = w[n]·x[n], dx[n] = w[n]·dy[n].
 *
 * x [N], such as losses, and w [N], which is not trained, give y [N]. The mean of y is the loss that Keras computes with
 * `sample_weight`: divided by N, not by the sum of the weights.
 */
export const weigh = defineOp()({
  name: "weigh",
  inputs: ["x", "w"],
  multilinear: true,

  infer({ x, w }) {
    const [N] = dims("weigh", "x", x, 1);
    const [W] = dims("weigh", "w", w, 1);
    if (W !== N) throw shapeError("weigh", "length of w", W, N);
    return [N];
  },

  forward: ({ x, w }, y) => [elementwise(y, (i) => mul(load(at(w, ...i)), load(at(x, ...i))))],

  backward: {
    x: ({ w }, _y, dy, dx) => [elementwise(dx, (i) => mul(load(at(w, ...i)), load(at(dy, ...i))))],
    w: "constant",
  },

  reference({ x, w }, _shapes, y) {
    x.forEach((value, n) => {
      y[n] = w[n]! * value;
    });
  },

  samples: [
    { shapes: { x: [5], w: [5] }, attrs: {} },
    { shapes: { x: [1], w: [1] }, attrs: {} },
    { shapes: { x: [33], w: [33] }, attrs: {} },
  ],
  rejects: [
    { shapes: { x: [3], w: [4] }, attrs: {}, message: "weigh: length of w is 4, expected 3" },
    { shapes: { x: [3, 1], w: [3] }, attrs: {}, message: "weigh: rank of x is 2, expected 1" },
  ],
});
