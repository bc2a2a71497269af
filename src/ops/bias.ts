import type { Shape } from "../base/shape.ts";
import { add, elementwise, load } from "../ir/build.ts";
import { contraction } from "../ir/contraction.ts";
import type { Affine } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { channelsOf, checkChannels } from "./check.ts";
import { defineOp } from "./op.ts";

/** Extents by axis, in order of summation: channels o, samples n, then the axes between them. */
const extentsOf = (shape: Shape) => ({
  o: shape.at(-1)!,
  n: shape[0]!,
  ...Object.fromEntries(shape.slice(1, -1).map((extent, d) => [`d${d + 1}`, extent])),
});

/**
 * Adds a number to each channel.
 *
 *   y[n,…,c] = x[n,…,c] + b[c]        db[c] = Σ_{n,…} dy[n,…,c]
 *
 * x [N,…,C] of rank 2 or more and b [C] give y of the shape of x. Same as `tf.nn.bias_add`.
 */
export const bias = defineOp()({
  name: "bias",
  inputs: ["x", "b"],
  multilinear: true,

  infer({ x, b }) {
    checkChannels("bias", channelsOf("bias", x), { b });
    return x;
  },

  forward: ({ x, b }, y) => [elementwise(y, (i) => add(load(at(x, ...i)), load(at(b, i.at(-1)!))))],

  backward: {
    x: "identity",
    b: (_t, _y, dy, db) => [
      contraction(extentsOf(dy.shape), ({ o, n, ...between }: Record<string, Affine>) => ({
        out: at(db, o!),
        a: at(dy, n!, ...Object.values(between), o!),
      })),
    ],
  },

  reference({ x, b }, _shapes, y) {
    x.forEach((value, i) => {
      y[i] = value + b[i % b.length]!;
    });
  },

  samples: [
    { shapes: { x: [3, 5], b: [5] }, attrs: {} },
    { shapes: { x: [1, 1], b: [1] }, attrs: {} },
    { shapes: { x: [2, 3, 5, 17], b: [17] }, attrs: {} },
    { shapes: { x: [3, 7, 4], b: [4] }, attrs: {} },
    { shapes: { x: [2, 4, 3, 16], b: [16] }, attrs: {} },
  ],
  rejects: [
    { shapes: { x: [2, 4, 4, 3], b: [4] }, attrs: {}, message: "bias: length of b is 4, expected 3" },
    { shapes: { x: [2, 3], b: [1, 3] }, attrs: {}, message: "bias: rank of b is 2, expected 1" },
    { shapes: { x: [3], b: [3] }, attrs: {}, message: "bias: rank of x is 1, expected at least 2" },
  ],
});
