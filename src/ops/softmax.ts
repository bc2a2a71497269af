import { type Shape, shapeError } from "../base/shape.ts";
import { block, div, elementwise, load, loops, max, mul, store, sub } from "../ir/build.ts";
import { contraction } from "../ir/contraction.ts";
import { exp } from "../ir/math.ts";
import type { Affine } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { defineOp } from "./op.ts";

/** Extents of all axes but the last, n first. */
const rowsOf = (x: Shape): Record<string, number> =>
  Object.fromEntries(x.slice(0, -1).map((extent, d) => [d === 0 ? "n" : `d${d}`, extent]));

/**
 * Softmax over the last axis.
 *
 *   y[n,…,k] = exp(x[n,…,k] − m) / Σ_j exp(x[n,…,j] − m),   m = max_j x[n,…,j]
 *   dx[n,…,k] = y[n,…,k] · (dy[n,…,k] − Σ_j dy[n,…,j]·y[n,…,j])
 *
 * x [N,…,K] gives y of the same shape. Subtracting the maximum keeps exponentials from overflowing. Same as `tf.nn.softmax`.
 */
export const softmax = defineOp()({
  name: "softmax",
  inputs: ["x"],

  infer({ x }) {
    if (x.length < 2) throw shapeError("softmax", "rank of x", x.length, "at least 2");
    return x;
  },

  scratch: ({ x }) => ({ greatest: x.slice(0, -1), total: x.slice(0, -1) }),

  forward({ x, greatest, total }, y) {
    const [rows, K] = [rowsOf(x.shape), x.shape.at(-1)!];
    return [
      loops(rows, (axes) => {
        const row = Object.values<Affine>(axes);
        const m = at(greatest, ...row);
        return block(
          store(m, load(at(x, ...row, 0))),
          loops({ k: K }, ({ k }) => store(m, max(load(at(x, ...row, k)), load(m)))),
        );
      }),
      elementwise(y, (i) => exp(sub(load(at(x, ...i)), load(at(greatest, ...i.slice(0, -1)))))),
      contraction({ ...rows, k: K }, (axes) => {
        const i = Object.values<Affine>(axes);
        return { out: at(total, ...i.slice(0, -1)), a: at(y, ...i) };
      }),
      elementwise(y, (i) => div(load(at(y, ...i)), load(at(total, ...i.slice(0, -1))))),
    ];
  },

  backward: {
    x({ total }, y, dy, dx) {
      const extents = { ...rowsOf(dx.shape), k: dx.shape.at(-1)! };
      return [
        contraction(extents, (axes) => {
          const i = Object.values<Affine>(axes);
          return { out: at(total, ...i.slice(0, -1)), a: at(dy, ...i), b: at(y, ...i) };
        }),
        elementwise(dx, (i) => mul(load(at(y, ...i)), sub(load(at(dy, ...i)), load(at(total, ...i.slice(0, -1)))))),
      ];
    },
  },

  reference({ x }, shapes, y) {
    const K = shapes.x.at(-1)!;
    for (let first = 0; first < x.length; first += K) {
      const row = x.subarray(first, first + K);
      const m = Math.max(...row);
      const total = row.reduce((sum, value) => sum + Math.exp(value - m), 0);
      row.forEach((value, k) => {
        y[first + k] = Math.exp(value - m) / total;
      });
    }
  },

  samples: [
    { shapes: { x: [3, 10] }, attrs: {} },
    { shapes: { x: [2, 1] }, attrs: {} },
    { shapes: { x: [2, 33] }, attrs: {} },
    { shapes: { x: [2, 3, 2, 5] }, attrs: {} },
    { shapes: { x: [4, 3] }, attrs: {}, values: { x: [1e4, -1e4, 0, 1e4, 1e4, 0, -1e4, -1e4, -1e4, 5, 5, 4] } },
  ],
  rejects: [{ shapes: { x: [3] }, attrs: {}, message: "softmax: rank of x is 1, expected at least 2" }],
});
