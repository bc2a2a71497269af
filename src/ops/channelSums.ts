import type { Shape } from "../base/shape.ts";
import { constant, elementwise, fma, load, mul } from "../ir/build.ts";
import { contraction } from "../ir/contraction.ts";
import type { Affine } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { channelsOf } from "./check.ts";
import { defineOp } from "./op.ts";

/** Extents by axis, in order of summation: channels c, samples n, then the axes between them. */
export const channelExtents = (shape: Shape): Record<string, number> => ({
  c: shape.at(-1)!,
  n: shape[0]!,
  ...Object.fromEntries(shape.slice(1, -1).map((extent, d) => [`d${d + 1}`, extent])),
});

/** The index of an element of [N,…,C] from axes in that order. */
export const channelIndex = ({ c, n, ...between }: Record<string, Affine>): readonly Affine[] => [
  n!,
  ...Object.values(between),
  c!,
];

/**
 * The sum and the sum of squares of each channel over the whole batch: the statistics that batch normalization needs.
 *
 *   y[0,c] = Σ_{n,…} x[n,…,c],   y[1,c] = Σ_{n,…} x[n,…,c]²        dx[n,…,c] = dy[0,c] + 2·x[n,…,c]·dy[1,c]
 *
 * x [N,…,C] of rank 2 or more gives y [2,C], which belongs to the batch as a whole. Sums rather than means,
 * so that those of groups of samples can be added. Same as `tf.nn.sufficient_statistics`.
 */
export const channelSums = defineOp()({
  name: "channelSums",
  inputs: ["x"],
  output: "batch",
  multilinear: true,

  infer({ x }) {
    return [2, channelsOf("channelSums", x)];
  },

  forward: ({ x }, y) => [
    contraction(channelExtents(x.shape), (axes) => ({ out: at(y, 0, axes["c"]!), a: at(x, ...channelIndex(axes)) })),
    contraction(channelExtents(x.shape), (axes) => {
      const element = at(x, ...channelIndex(axes));
      return { out: at(y, 1, axes["c"]!), a: element, b: element };
    }),
  ],

  backward: {
    x: ({ x }, _y, dy, dx) => [
      elementwise(dx, (i) => {
        const [d0, d1] = [0, 1].map((row) => load(at(dy, row, i.at(-1)!)));
        return fma(mul(constant(2), load(at(x, ...i))), d1!, d0!);
      }),
    ],
  },

  reference({ x }, shapes, y) {
    const C = shapes.x.at(-1)!;
    y.fill(0);
    x.forEach((value, i) => {
      y[i % C]! += value;
      y[C + (i % C)]! += value ** 2;
    });
  },

  samples: [
    { shapes: { x: [3, 4, 5, 16] }, attrs: {} },
    { shapes: { x: [2, 3, 3, 5] }, attrs: {} },
    { shapes: { x: [8, 33] }, attrs: {} },
    { shapes: { x: [1, 1] }, attrs: {} },
    { shapes: { x: [4, 6, 3] }, attrs: {} },
  ],
  rejects: [{ shapes: { x: [3] }, attrs: {}, message: "channelSums: rank of x is 1, expected at least 2" }],
});
