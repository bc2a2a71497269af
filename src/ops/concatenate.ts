import { formatShape, sameShape, shapeError } from "../base/shape.ts";
import { plus } from "../ir/affine.ts";
import { eachElement, elementwise, load, store } from "../ir/build.ts";
import type { Affine, View } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { defineOp } from "./op.ts";

/** The same index, offset by a number of channels. */
const shifted = (index: readonly Affine[], channels: number): readonly Affine[] => [
  ...index.slice(0, -1),
  plus(index.at(-1)!, channels),
];

/** Copies `from` to the channels of `to` that start at the given one. */
const place = (from: View, to: View, channel: number) =>
  eachElement(from, (i) => store(at(to, ...shifted(i, channel)), load(at(from, ...i))));

/**
 * Concatenates a and b along the channels.
 *
 *   y[n,…,c] = a[n,…,c] for c < A, else b[n,…,c−A]        da = dy[n,…,c],   db = dy[n,…,A+c]
 *
 * a [N,…,A] and b [N,…,B] give y [N,…,A+B]. Same as `tf.concat([a, b], -1)`, and Keras' Concatenate.
 */
export const concatenate = defineOp()({
  name: "concatenate",
  inputs: ["a", "b"],
  multilinear: true,

  infer({ a, b }) {
    if (a.length < 2) throw shapeError("concatenate", "rank of a", a.length, "at least 2");
    const wanted = [...a.slice(0, -1), b.at(-1) ?? 0];
    if (!sameShape(wanted, b))
      throw shapeError("concatenate", "shape of b", formatShape(b), `${formatShape(a)} except for the channels`);
    return [...a.slice(0, -1), a.at(-1)! + b.at(-1)!];
  },

  forward: ({ a, b }, y) => [place(a, y, 0), place(b, y, a.shape.at(-1)!)],

  backward: {
    a: (_t, _y, dy, da) => [elementwise(da, (i) => load(at(dy, ...i)))],
    b: ({ a }, _y, dy, db) => [elementwise(db, (i) => load(at(dy, ...shifted(i, a.shape.at(-1)!))))],
  },

  reference({ a, b }, shapes, y, yShape) {
    const [A, B, C] = [shapes.a.at(-1)!, shapes.b.at(-1)!, yShape.at(-1)!];
    a.forEach((value, i) => {
      y[Math.floor(i / A) * C + (i % A)] = value;
    });
    b.forEach((value, i) => {
      y[Math.floor(i / B) * C + A + (i % B)] = value;
    });
  },

  samples: [
    { shapes: { a: [2, 3, 4, 5], b: [2, 3, 4, 7] }, attrs: {} },
    { shapes: { a: [1, 4, 4, 16], b: [1, 4, 4, 8] }, attrs: {} },
    { shapes: { a: [3, 6], b: [3, 1] }, attrs: {} },
    { shapes: { a: [2, 5, 3], b: [2, 5, 20] }, attrs: {} },
  ],
  rejects: [
    {
      shapes: { a: [2, 4, 4, 3], b: [2, 4, 5, 3] },
      attrs: {},
      message: "concatenate: shape of b is (2, 4, 5, 3), expected (2, 4, 4, 3) except for the channels",
    },
    {
      shapes: { a: [2, 4, 4, 3], b: [2, 3] },
      attrs: {},
      message: "concatenate: shape of b is (2, 3), expected (2, 4, 4, 3) except for the channels",
    },
    { shapes: { a: [2], b: [2] }, attrs: {}, message: "concatenate: rank of a is 1, expected at least 2" },
  ],
});
