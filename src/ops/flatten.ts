import { type Shape, shapeError, sizeOf } from "../base/shape.ts";
import { plus, times } from "../ir/affine.ts";
import { elementwise, load, loops, store } from "../ir/build.ts";
import type { Affine } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { defineOp } from "./op.ts";

/** The row-major index of an element within its sample. */
export const placeInSample = (shape: Shape, index: readonly Affine[]): Affine =>
  plus(...index.slice(1).map((i, d) => times(i, sizeOf(shape.slice(d + 2)))));

/**
 * Flattens each sample: y[n, (h·W + w)·C + c] = x[n,h,w,c].
 *
 * x [N,…] of rank 2 or more, e.g. [N,H,W,C], gives y [N, H·W·C]. This is a copy, since x may have a halo.
 * Same as `tf.reshape(x, [N, -1])`.
 */
export const flatten = defineOp()({
  name: "flatten",
  inputs: ["x"],

  infer({ x }) {
    if (x.length < 2) throw shapeError("flatten", "rank of x", x.length, "at least 2");
    return [x[0]!, sizeOf(x.slice(1))];
  },

  forward: ({ x }, y) => [
    loops(Object.fromEntries(x.shape.map((extent, d) => [d === 0 ? "n" : `d${d}`, extent])), (axes) => {
      const index = Object.values<Affine>(axes);
      return store(at(y, index[0]!, placeInSample(x.shape, index)), load(at(x, ...index)));
    }),
  ],

  backward: {
    x: ({ x }, _y, dy, dx) => [elementwise(dx, (i) => load(at(dy, i[0]!, placeInSample(x.shape, i))))],
  },

  reference({ x }, _shapes, y) {
    y.set(x);
  },

  samples: [
    { shapes: { x: [2, 3, 5, 7] }, attrs: {} },
    { shapes: { x: [3, 4, 4, 16] }, attrs: {} },
    { shapes: { x: [2, 6, 5, 1] }, attrs: {} },
    { shapes: { x: [3, 4] }, attrs: {} },
  ],
  rejects: [{ shapes: { x: [4] }, attrs: {}, message: "flatten: rank of x is 1, expected at least 2" }],
});
