import { add, constant, elementwise, fma, greater, less, load, max, min, mul, one, select, zero } from "../ir/build.ts";
import { at } from "../ir/view.ts";
import { defineOp } from "./op.ts";

const three = constant(3);
const third = constant(1 / 3);
const half = constant(0.5);
const sixth = constant(1 / 6);

/**
 * Hard swish y = x · min(max(x + 3, 0), 6) / 6, any shape. The gradient at x = −3 is 0, at x = 3 it is 1.
 *
 * As Keras' `hard_silu`. Source: Howard et al., "Searching for MobileNetV3", ICCV 2019.
 */
export const hardSwish = defineOp()({
  name: "hardSwish",
  inputs: ["x"],
  infer: ({ x }) => x,
  forward: ({ x }, y) => [
    elementwise(y, (i) => {
      const value = load(at(x, ...i));
      return mul(value, mul(min(max(add(value, three), zero), constant(6)), sixth));
    }),
  ],
  backward: {
    // 0 below −3, 1 above 3, x / 3 + 1 / 2 between.
    x: ({ x }, _y, dy, dx) => [
      elementwise(dx, (i) => {
        const value = load(at(x, ...i));
        const slope = select(less(value, three), fma(value, third, half), one);
        return mul(load(at(dy, ...i)), select(greater(value, constant(-3)), slope, zero));
      }),
    ],
  },
  reference({ x }, _shapes, y) {
    x.forEach((value, i) => {
      y[i] = (value * Math.min(Math.max(value + 3, 0), 6)) / 6;
    });
  },
  samples: [
    { shapes: { x: [3, 5] }, attrs: {} },
    { shapes: { x: [2, 3, 5, 7] }, attrs: {} },
    { shapes: { x: [1, 5] }, attrs: {}, values: { x: [-3, -4, 0, 3, 4] }, gradient: { x: [0, 0, 1.5, 4, 5] } },
  ],
});
