import { bind, elementwise, fma, load, mul, negate, one } from "../ir/build.ts";
import { tanh as tanhOf } from "../ir/math.ts";
import { at } from "../ir/view.ts";
import { defineOp } from "./op.ts";

/** Hyperbolic tangent: y = tanh x, for any shape; dx = dy · (1 − y²). Same as `tf.tanh`. */
export const tanh = defineOp()({
  name: "tanh",
  inputs: ["x"],
  infer: ({ x }) => x,
  forward: ({ x }, y) => [elementwise(y, (i) => tanhOf(load(at(x, ...i))))],
  backward: {
    x: (_t, y, dy, dx) => [
      elementwise(dx, (i) => bind("y", load(at(y, ...i)), (t) => mul(load(at(dy, ...i)), fma(negate(t), t, one)))),
    ],
  },
  reference({ x }, _shapes, y) {
    x.forEach((value, i) => {
      y[i] = Math.tanh(value);
    });
  },
  samples: [
    { shapes: { x: [3, 4] }, attrs: {} },
    { shapes: { x: [2, 2, 3, 5] }, attrs: {} },
    { shapes: { x: [2, 6] }, attrs: {}, values: { x: [0, -0, 1e-6, -1e-3, 0.62, 0.63, -0.63, 3, -6, 12, 1e4, -1e4] } },
  ],
});
