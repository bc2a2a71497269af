import { dims, shapeError } from "../base/shape.ts";
import { contraction } from "../ir/contraction.ts";
import type { View } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { defineOp } from "./op.ts";

function extentsOf(x: View, w: View) {
  const [N] = dims("dense", "x", x.shape, 2);
  const [I, O] = dims("dense", "w", w.shape, 2);
  return { N, I, O };
}

/**
 * Matrix product y = x·w, a fully connected layer without its bias.
 *
 *   y[n,o] = Σ_i x[n,i] · w[i,o]
 *
 * x [N,I] and w [I,O] give y [N,O]. Same as `tf.matmul(x, w)`; w has the layout of the kernel of Keras' `Dense`.
 */
export const dense = defineOp()({
  name: "dense",
  inputs: ["x", "w"],
  multilinear: true,

  infer({ x, w }) {
    const [N, I] = dims("dense", "x", x, 2);
    const [Iw, O] = dims("dense", "w", w, 2);
    if (Iw !== I) throw shapeError("dense", "rows of w", Iw, I);
    return [N, O];
  },

  forward({ x, w }, y) {
    const { N, I, O } = extentsOf(x, w);
    return [contraction({ n: N, o: O, i: I }, ({ n, o, i }) => ({ out: at(y, n, o), a: at(x, n, i), b: at(w, i, o) }))];
  },

  backward: {
    x({ x, w }, _y, dy, dx) {
      const { N, I, O } = extentsOf(x, w);
      return [
        contraction({ n: N, i: I, o: O }, ({ n, i, o }) => ({ out: at(dx, n, i), a: at(dy, n, o), b: at(w, i, o) })),
      ];
    },
    w({ x, w }, _y, dy, dw) {
      const { N, I, O } = extentsOf(x, w);
      return [
        contraction({ i: I, o: O, n: N }, ({ i, o, n }) => ({ out: at(dw, i, o), a: at(x, n, i), b: at(dy, n, o) })),
      ];
    },
  },

  reference({ x, w }, shapes, y, yShape) {
    const [N, O] = dims("dense", "y", yShape, 2);
    const [, I] = dims("dense", "x", shapes.x, 2);
    for (let n = 0; n < N; n++)
      for (let o = 0; o < O; o++) {
        let sum = 0;
        for (let i = 0; i < I; i++) sum += x[n * I + i]! * w[i * O + o]!;
        y[n * O + o] = sum;
      }
  },

  samples: [
    { shapes: { x: [4, 7], w: [7, 5] }, attrs: {} },
    { shapes: { x: [1, 1], w: [1, 1] }, attrs: {} },
    { shapes: { x: [3, 16], w: [16, 10] }, attrs: {} },
    { shapes: { x: [5, 20], w: [20, 16] }, attrs: {} },
    { shapes: { x: [2, 33], w: [33, 19] }, attrs: {} },
    { shapes: { x: [2, 16_400], w: [16_400, 2] }, attrs: {} },
  ],
  rejects: [
    { shapes: { x: [2, 7], w: [5, 7] }, attrs: {}, message: "dense: rows of w is 5, expected 7" },
    { shapes: { x: [2, 7, 1], w: [7, 5] }, attrs: {}, message: "dense: rank of x is 3, expected 2" },
    { shapes: { x: [2, 7], w: [7] }, attrs: {}, message: "dense: rank of w is 1, expected 2" },
  ],
});
