import { dims, shapeError } from "../base/shape.ts";
import { contraction } from "../ir/contraction.ts";
import type { View } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { defineOp } from "./op.ts";

function extentsOf(u: View, q: View) {
  const [N, P, R, C, O] = dims("winogradProduct", "q", q.shape, 5);
  return { N, P, R, C, I: u.shape[1]!, O };
}

/**
 * The products of transformed tiles and kernels, summed over the input channels: one matrix product per point.
 *
 *   q[n,p,r,c,o] = Σ_i v[n,p,r,c,i] · u[p,i,o]
 *
 * v [N,P,R,C,I] and u [P,I,O] give q [N,P,R,C,O].
 */
export const winogradProduct = defineOp()({
  name: "winogradProduct",
  inputs: ["v", "u"],
  multilinear: true,

  infer({ v, u }) {
    const [N, P, R, C, I] = dims("winogradProduct", "v", v, 5);
    const [points, channels, O] = dims("winogradProduct", "u", u, 3);
    if (points !== P) throw shapeError("winogradProduct", "points of u", points, P);
    if (channels !== I) throw shapeError("winogradProduct", "input channels of u", channels, I);
    return [N, P, R, C, O];
  },

  forward({ v, u }, q) {
    const { N, P, R, C, I, O } = extentsOf(u, q);
    return [
      contraction({ n: N, p: P, r: R, c: C, o: O, i: I }, ({ n, p, r, c, o, i }) => ({
        out: at(q, n, p, r, c, o),
        a: at(v, n, p, r, c, i),
        b: at(u, p, i, o),
      })),
    ];
  },

  backward: {
    v({ u }, q, dq, dv) {
      const { N, P, R, C, I, O } = extentsOf(u, q);
      return [
        contraction({ n: N, p: P, r: R, c: C, i: I, o: O }, ({ n, p, r, c, i, o }) => ({
          out: at(dv, n, p, r, c, i),
          a: at(dq, n, p, r, c, o),
          b: at(u, p, i, o),
        })),
      ];
    },
    u({ v, u }, q, dq, du) {
      const { N, P, R, C, I, O } = extentsOf(u, q);
      return [
        contraction({ p: P, i: I, o: O, n: N, r: R, c: C }, ({ p, i, o, n, r, c }) => ({
          out: at(du, p, i, o),
          a: at(v, n, p, r, c, i),
          b: at(dq, n, p, r, c, o),
        })),
      ];
    },
  },

  reference({ v, u }, shapes, y, [, , , , O]) {
    const [N, P, R, C, I] = dims("winogradProduct", "v", shapes.v, 5);
    for (let tile = 0; tile < N * P * R * C; tile++) {
      const p = Math.floor(tile / (R * C)) % P;
      for (let o = 0; o < O!; o++) {
        let sum = 0;
        for (let i = 0; i < I; i++) sum += v[tile * I + i]! * u[(p * I + i) * O! + o]!;
        y[tile * O! + o] = sum;
      }
    }
  },

  samples: [
    { shapes: { v: [2, 16, 4, 4, 8], u: [16, 8, 16] }, attrs: {} },
    { shapes: { v: [1, 6, 1, 3, 5], u: [6, 5, 3] }, attrs: {} },
    { shapes: { v: [3, 1, 2, 2, 20], u: [1, 20, 24] }, attrs: {} },
  ],
  rejects: [
    {
      shapes: { v: [1, 16, 2, 2, 8], u: [36, 8, 4] },
      attrs: {},
      message: "winogradProduct: points of u is 36, expected 16",
    },
    {
      shapes: { v: [1, 16, 2, 2, 8], u: [16, 4, 4] },
      attrs: {},
      message: "winogradProduct: input channels of u is 4, expected 8",
    },
  ],
});
