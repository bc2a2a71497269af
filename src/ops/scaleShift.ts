import { formatShape, sameShape, shapeError } from "../base/shape.ts";
import { elementwise, fma, load, mul } from "../ir/build.ts";
import { contraction } from "../ir/contraction.ts";
import { at } from "../ir/view.ts";
import { channelExtents, channelIndex } from "./channelSums.ts";
import { channelsOf } from "./check.ts";
import { defineOp } from "./op.ts";

/**
 * Scales and shifts each channel: the last step of batch normalization.
 *
 *   y[n,…,c] = x[n,…,c]·s[0,c] + s[1,c]
 *   dx[n,…,c] = dy[n,…,c]·s[0,c],   ds[0,c] = Σ_{n,…} dy[n,…,c]·x[n,…,c],   ds[1,c] = Σ_{n,…} dy[n,…,c]
 *
 * x [N,…,C] of rank 2 or more and s [2,C] give y of the shape of x.
 */
export const scaleShift = defineOp()({
  name: "scaleShift",
  inputs: ["x", "s"],
  multilinear: true,

  infer({ x, s }) {
    const wanted = [2, channelsOf("scaleShift", x)];
    if (!sameShape(s, wanted)) throw shapeError("scaleShift", "shape of s", formatShape(s), formatShape(wanted));
    return x;
  },

  forward: ({ x, s }, y) => [
    elementwise(y, (i) => fma(load(at(x, ...i)), load(at(s, 0, i.at(-1)!)), load(at(s, 1, i.at(-1)!)))),
  ],

  backward: {
    x: ({ s }, _y, dy, dx) => [elementwise(dx, (i) => mul(load(at(dy, ...i)), load(at(s, 0, i.at(-1)!))))],
    s: ({ x }, _y, dy, ds) => [
      contraction(channelExtents(dy.shape), (axes) => {
        const i = channelIndex(axes);
        return { out: at(ds, 0, axes["c"]!), a: at(dy, ...i), b: at(x, ...i) };
      }),
      contraction(channelExtents(dy.shape), (axes) => ({
        out: at(ds, 1, axes["c"]!),
        a: at(dy, ...channelIndex(axes)),
      })),
    ],
  },

  reference({ x, s }, shapes, y) {
    const C = shapes.x.at(-1)!;
    x.forEach((value, i) => {
      y[i] = value * s[i % C]! + s[C + (i % C)]!;
    });
  },

  samples: [
    { shapes: { x: [3, 4, 5, 16], s: [2, 16] }, attrs: {} },
    { shapes: { x: [2, 3, 3, 5], s: [2, 5] }, attrs: {} },
    { shapes: { x: [6, 33], s: [2, 33] }, attrs: {} },
    { shapes: { x: [1, 1], s: [2, 1] }, attrs: {} },
    { shapes: { x: [4, 6, 3], s: [2, 3] }, attrs: {} },
  ],
  rejects: [
    { shapes: { x: [3], s: [2, 3] }, attrs: {}, message: "scaleShift: rank of x is 1, expected at least 2" },
    { shapes: { x: [2, 4, 3], s: [3] }, attrs: {}, message: "scaleShift: shape of s is (3,), expected (2, 3)" },
    { shapes: { x: [2, 4, 3], s: [2, 4] }, attrs: {}, message: "scaleShift: shape of s is (2, 4), expected (2, 3)" },
  ],
});
