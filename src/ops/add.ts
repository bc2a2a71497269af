import { formatShape, sameShape, shapeError } from "../base/shape.ts";
import { add as addValues, elementwise, load } from "../ir/build.ts";
import { at } from "../ir/view.ts";
import { defineOp } from "./op.ts";

/** Sum of two tensors of the same shape, y = a + b, which joins branches of a network. Same as `tf.add` without broadcasting. */
export const add = defineOp()({
  name: "add",
  inputs: ["a", "b"],
  multilinear: true,

  infer({ a, b }) {
    if (!sameShape(a, b)) throw shapeError("add", "shape of b", formatShape(b), formatShape(a));
    return a;
  },

  forward: ({ a, b }, y) => [elementwise(y, (i) => addValues(load(at(a, ...i)), load(at(b, ...i))))],

  backward: { a: "identity", b: "identity" },

  reference({ a, b }, _shapes, y) {
    a.forEach((value, i) => {
      y[i] = value + b[i]!;
    });
  },

  samples: [
    { shapes: { a: [3, 5], b: [3, 5] }, attrs: {} },
    { shapes: { a: [2, 3, 5, 7], b: [2, 3, 5, 7] }, attrs: {} },
    { shapes: { a: [1, 4, 4, 16], b: [1, 4, 4, 16] }, attrs: {} },
    { shapes: { a: [4], b: [4] }, attrs: {} },
  ],
  rejects: [
    { shapes: { a: [2, 3], b: [3, 2] }, attrs: {}, message: "add: shape of b is (3, 2), expected (2, 3)" },
    { shapes: { a: [2, 3], b: [2, 1] }, attrs: {}, message: "add: shape of b is (2, 1), expected (2, 3)" },
  ],
});
