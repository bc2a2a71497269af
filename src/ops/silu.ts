import { block, define, eachElement, elementwise, fma, load, mul, one, store, sub } from "../ir/build.ts";
import { at } from "../ir/view.ts";
import { defineOp } from "./op.ts";
import { sigmoidOf } from "./sigmoid.ts";

/**
 * Sigmoid linear unit, also called swish, for any shape.
 *
 *   y = x·s,   s = 1 / (1 + e^−x),        dx = dy · s·(1 + x·(1 − s))
 *
 * Forward saves the slope. Same as `tf.nn.silu`. Source: Elfwing, Uchibe, Doya, "Sigmoid-weighted linear units
 * for neural network function approximation in reinforcement learning", 2017.
 */
export const silu = defineOp()({
  name: "silu",
  inputs: ["x"],
  infer: ({ x }) => x,
  saves: ({ x }) => ({ slope: x }),
  forward: ({ x, slope }, y) => [
    eachElement(y, (i) =>
      define("x", load(at(x, ...i)), (value) =>
        define("s", sigmoidOf(value), (s) =>
          block(store(at(y, ...i), mul(value, s)), store(at(slope, ...i), mul(s, fma(value, sub(one, s), one)))),
        ),
      ),
    ),
  ],
  backward: {
    x: ({ slope }, _y, dy, dx) => [elementwise(dx, (i) => mul(load(at(dy, ...i)), load(at(slope, ...i))))],
  },
  reference({ x }, _shapes, y) {
    x.forEach((value, i) => {
      y[i] = value / (1 + Math.exp(-value));
    });
  },
  samples: [
    { shapes: { x: [3, 4] }, attrs: {} },
    { shapes: { x: [2, 2, 3, 5] }, attrs: {} },
    { shapes: { x: [2, 5] }, attrs: {}, values: { x: [0, -0, 1e-20, 4, -6, 20, -20, 90, 1e4, -1e4] } },
  ],
});
