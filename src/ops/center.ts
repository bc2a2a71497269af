import { elementwise, load, sub } from "../ir/build.ts";
import { at } from "../ir/view.ts";
import { channelsOf, checkChannels } from "./check.ts";
import { defineOp } from "./op.ts";

/**
 * Subtracts a number from each channel that is known before the batch, such as an estimate of its mean, so that sums
 * over the channel stay small.
 *
 *   y[n,…,c] = x[n,…,c] − m[c]
 *
 * x [N,…,C] of rank 2 or more and m [C] give y of the shape of x. m is treated as a constant.
 */
export const center = defineOp()({
  name: "center",
  inputs: ["x", "m"],
  cancels: true,

  infer({ x, m }) {
    checkChannels("center", channelsOf("center", x), { m });
    return x;
  },

  forward: ({ x, m }, y) => [elementwise(y, (i) => sub(load(at(x, ...i)), load(at(m, i.at(-1)!))))],

  backward: { x: "identity", m: "constant" },

  reference({ x, m }, _shapes, y) {
    x.forEach((value, i) => {
      y[i] = value - m[i % m.length]!;
    });
  },

  samples: [
    { shapes: { x: [3, 5], m: [5] }, attrs: {} },
    { shapes: { x: [1, 1], m: [1] }, attrs: {} },
    { shapes: { x: [2, 3, 5, 17], m: [17] }, attrs: {} },
    { shapes: { x: [2, 4, 3, 16], m: [16] }, attrs: {} },
  ],
  rejects: [
    { shapes: { x: [2, 4, 4, 3], m: [4] }, attrs: {}, message: "center: length of m is 4, expected 3" },
    { shapes: { x: [2, 3], m: [1, 3] }, attrs: {}, message: "center: rank of m is 2, expected 1" },
    { shapes: { x: [3], m: [3] }, attrs: {}, message: "center: rank of x is 1, expected at least 2" },
  ],
});
