import { constant, elementwise, greater, load, mul, select, zero } from "../ir/build.ts";
import { at } from "../ir/view.ts";
import { checkAttribute } from "./check.ts";
import { defineOp } from "./op.ts";

export interface LeakyReluAttrs {
  readonly negativeSlope: number;
}

/**
 * Leaky rectified linear unit: y = x for x > 0, else negativeSlope · x, for any shape. The slope at x = 0 is
 * negativeSlope. Same as `tf.nn.leaky_relu`.
 */
export const leakyRelu = defineOp<LeakyReluAttrs>()({
  name: "leakyRelu",
  inputs: ["x"],
  infer({ x }, { negativeSlope }) {
    const isSlope = Number.isFinite(negativeSlope) && negativeSlope >= 0;
    checkAttribute("leakyRelu", "negativeSlope", negativeSlope, isSlope, "a number of at least 0");
    return x;
  },
  forward: ({ x }, y, { negativeSlope }) => [
    elementwise(y, (i) => {
      const value = load(at(x, ...i));
      return select(greater(value, zero), value, mul(value, constant(negativeSlope)));
    }),
  ],
  backward: {
    // y > 0 exactly if x > 0, so x need not be kept.
    x: (_t, y, dy, dx, { negativeSlope }) => [
      elementwise(dx, (i) => {
        const gradient = load(at(dy, ...i));
        return select(greater(load(at(y, ...i)), zero), gradient, mul(gradient, constant(negativeSlope)));
      }),
    ],
  },
  reference({ x }, _shapes, y, _yShape, { negativeSlope }) {
    x.forEach((value, i) => {
      y[i] = value > 0 ? value : negativeSlope * value;
    });
  },
  samples: [
    { shapes: { x: [3, 4] }, attrs: { negativeSlope: 0.3 } },
    { shapes: { x: [2, 2, 3, 5] }, attrs: { negativeSlope: 0.01 } },
    { shapes: { x: [2, 3, 16] }, attrs: { negativeSlope: 0 } },
    {
      shapes: { x: [1, 5] },
      attrs: { negativeSlope: 0.5 },
      values: { x: [0, -0, -1, 1e-30, 3] },
      gradient: { x: [0.5, 1, 1.5, 4, 5] },
    },
  ],
  rejects: [
    {
      shapes: { x: [3, 4] },
      attrs: { negativeSlope: -0.1 },
      message: "leakyRelu: negativeSlope is -0.1, expected a number of at least 0",
    },
    {
      shapes: { x: [3, 4] },
      attrs: { negativeSlope: Number.NaN },
      message: "leakyRelu: negativeSlope is NaN, expected a number of at least 0",
    },
  ],
});
