import { add, bind, div, elementwise, load, mul, negate, one, sub } from "../ir/build.ts";
import { exp } from "../ir/math.ts";
import type { Value } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { defineOp } from "./op.ts";

/** 1 / (1 + e^−x), accurate also where it is close to 0 or 1. */
export const sigmoidOf = (x: Value): Value => div(one, add(one, exp(negate(x))));

/** Logistic sigmoid: y = 1 / (1 + e^−x), for any shape; dx = dy · y · (1 − y). Same as `tf.sigmoid`. */
export const sigmoid = defineOp()({
  name: "sigmoid",
  inputs: ["x"],
  infer: ({ x }) => x,
  forward: ({ x }, y) => [elementwise(y, (i) => sigmoidOf(load(at(x, ...i))))],
  backward: {
    x: (_t, y, dy, dx) => [
      elementwise(dx, (i) => bind("y", load(at(y, ...i)), (s) => mul(load(at(dy, ...i)), mul(s, sub(one, s))))),
    ],
  },
  reference({ x }, _shapes, y) {
    x.forEach((value, i) => {
      y[i] = 1 / (1 + Math.exp(-value));
    });
  },
  samples: [
    { shapes: { x: [3, 4] }, attrs: {} },
    { shapes: { x: [2, 2, 3, 5] }, attrs: {} },
    { shapes: { x: [2, 5] }, attrs: {}, values: { x: [0, -0, 1e-20, 4, -6, 20, -20, 90, 1e4, -1e4] } },
  ],
});
