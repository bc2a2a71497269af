import { elementwise, greater, load, max, select, zero } from "../ir/build.ts";
import { at } from "../ir/view.ts";
import { defineOp } from "./op.ts";

/** Rectified linear unit: y = max(x, 0), for any shape. The slope at x = 0 is 0. Same as `tf.nn.relu`. */
export const relu = defineOp()({
  name: "relu",
  inputs: ["x"],
  infer: ({ x }) => x,
  forward: ({ x }, y) => [elementwise(y, (i) => max(load(at(x, ...i)), zero))],
  backward: {
    // y > 0 exactly if x > 0, so x need not be kept.
    x: (_t, y, dy, dx) => [elementwise(dx, (i) => select(greater(load(at(y, ...i)), zero), load(at(dy, ...i)), zero))],
  },
  reference({ x }, _shapes, y) {
    x.forEach((value, i) => {
      y[i] = Math.max(value, 0);
    });
  },
  samples: [
    { shapes: { x: [3, 4] }, attrs: {} },
    { shapes: { x: [2, 2, 3, 5] }, attrs: {} },
    { shapes: { x: [1, 5] }, attrs: {}, values: { x: [0, -0, -1, 1e-30, 3] }, gradient: { x: [0, 0, 0, 4, 5] } },
  ],
});
