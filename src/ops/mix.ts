import { dims, formatShape, sameShape, shapeError, sizeOf } from "../base/shape.ts";
import { elementwise, fma, load, mul, one, sub } from "../ir/build.ts";
import { at } from "../ir/view.ts";
import { defineOp } from "./op.ts";

/**
 * Blends two tensors, with a ratio for each sample.
 *
 *   y[n,…] = r[n]·a[n,…] + (1 − r[n])·b[n,…],   da[n,…] = r[n]·dy[n,…],   db[n,…] = (1 − r[n])·dy[n,…]
 *
 * a and b [N,…] and r [N] give y of the shape of a. Applied to images and to their losses it is mixup; since the
 * cross-entropy is linear in the labels, no soft labels are needed. r is not trained. Source: Zhang et al., "mixup:
 * beyond empirical risk minimization", ICLR 2018.
 */
export const mix = defineOp()({
  name: "mix",
  inputs: ["a", "b", "r"],

  infer({ a, b, r }) {
    if (a.length < 1) throw shapeError("mix", "rank of a", a.length, "at least 1");
    if (!sameShape(a, b)) throw shapeError("mix", "shape of b", formatShape(b), formatShape(a));
    const [N] = dims("mix", "r", r, 1);
    if (N !== a[0]) throw shapeError("mix", "length of r", N, a[0]);
    return a;
  },

  forward: ({ a, b, r }, y) => [
    elementwise(y, (i) => {
      const other = load(at(b, ...i));
      return fma(load(at(r, i[0]!)), sub(load(at(a, ...i)), other), other);
    }),
  ],

  backward: {
    a: ({ r }, _y, dy, da) => [elementwise(da, (i) => mul(load(at(r, i[0]!)), load(at(dy, ...i))))],
    b: ({ r }, _y, dy, db) => [elementwise(db, (i) => mul(sub(one, load(at(r, i[0]!))), load(at(dy, ...i))))],
    r: "constant",
  },

  reference({ a, b, r }, shapes, y) {
    const size = sizeOf(shapes.a.slice(1));
    a.forEach((value, i) => {
      const ratio = r[Math.floor(i / size)]!;
      y[i] = ratio * value + (1 - ratio) * b[i]!;
    });
  },

  samples: [
    { shapes: { a: [3, 5, 4, 3], b: [3, 5, 4, 3], r: [3] }, attrs: {}, values: { r: [0, 1, 0.25] } },
    { shapes: { a: [7], b: [7], r: [7] }, attrs: {}, values: { r: [0.5, 0.1, 0.9, 1, 0, 0.3, 0.7] } },
    { shapes: { a: [2, 17], b: [2, 17], r: [2] }, attrs: {}, values: { r: [0.6, 0.2] } },
  ],
  rejects: [
    { shapes: { a: [3, 2], b: [3, 1], r: [3] }, attrs: {}, message: "mix: shape of b is (3, 1), expected (3, 2)" },
    { shapes: { a: [3, 2], b: [3, 2], r: [2] }, attrs: {}, message: "mix: length of r is 2, expected 3" },
    { shapes: { a: [3], b: [3], r: [3, 1] }, attrs: {}, message: "mix: rank of r is 2, expected 1" },
  ],
});
