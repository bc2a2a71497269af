import { dims } from "../base/shape.ts";
import {
  add,
  block,
  constant,
  elementwise,
  indexValue,
  less,
  load,
  loops,
  max,
  select,
  store,
  sub,
  toFloat,
  zero,
} from "../ir/build.ts";
import type { Affine, Stmt, Value, View } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { below, isChanged, numberBelow, sampleHalves, sampleNumbers, sometimes } from "./augment.ts";
import { checkFinite, checkFraction, checkWhole } from "./check.ts";
import { defineOp } from "./op.ts";

export interface RandomErasingAttrs {
  /** Rows and columns of the rectangle. */
  readonly size: readonly [number, number];
  readonly probability: number;
  readonly fill: number;
  /** Unique to each random layer of a network, so that their draws are independent. */
  readonly stream: number;
}

/** The offset of the middle of an extent from its center pixel, which is the second of the middle two if it is even. */
const offCenter = (extent: number): number => (extent - 1) / 2 - Math.floor(extent / 2);

/** Copies elements, except those inside each sample's rectangle, which get the value `inside`. */
const outsideOf = (boxes: View, from: View, to: View, inside: number): Stmt =>
  elementwise(to, (index) => {
    const [n, h, w] = index as [Affine, Affine, Affine];
    const number = (k: number) => load(at(boxes, n, k));
    const distance = (i: Affine, middle: Value): Value => {
      const from = sub(toFloat(indexValue(i)), middle);
      return max(from, sub(zero, from));
    };
    // An absent rectangle has half extents of 0, and no pixel is nearer than that.
    const beyond = max(sub(distance(h, number(0)), number(2)), sub(distance(w, number(1)), number(3)));
    return select(less(beyond, zero), constant(inside), load(at(from, ...index)));
  });

/**
 * Sets a random rectangle of an image to one value, with the given probability.
 *
 *   y[n,h,w,c] = |h − r[n]| < R/2 and |w − s[n]| < S/2 ? fill : x[n,h,w,c]
 *
 * x [N,H,W,C] gives y of the same shape. The rectangle has R × S pixels around a uniformly drawn pixel of the
 * image, and may extend beyond the image. Halves 0 to 2 of the sample's block decide whether there is one, its
 * row and its column.
 * Source: DeVries & Taylor, "Improved regularization of convolutional neural networks with cutout", 2017.
 */
export const randomErasing = defineOp<RandomErasingAttrs>()({
  name: "randomErasing",
  inputs: ["x"],

  infer({ x }, { size, probability, fill, stream }) {
    dims("randomErasing", "x", x, 4);
    checkWhole("randomErasing", "rows of the size", size[0], 1);
    checkWhole("randomErasing", "columns of the size", size[1], 1);
    checkFraction("randomErasing", "probability", probability);
    checkFinite("randomErasing", "fill", fill);
    checkWhole("randomErasing", "stream", stream, 0);
    return x;
  },

  /** The middle row and column, and half the rows and columns, of each sample's rectangle. */
  saves: ({ x }) => ({ boxes: [x[0]!, 4] }),

  forward({ x, boxes }, y, { size, probability, fill, stream }, runtime) {
    const [N, H, W] = dims("randomErasing", "y", y.shape, 4);
    return [
      loops({ n: N }, ({ n }) =>
        sampleHalves(runtime, n, stream, ([chance, row, column]) => {
          const middle = (half: Value, extent: number, side: number) =>
            add(toFloat(below(half, extent)), constant(offCenter(side)));
          const half = (side: number) => sometimes(chance!, probability, constant(side / 2), zero);
          return block(
            store(at(boxes, n, 0), middle(row!, H, size[0])),
            store(at(boxes, n, 1), middle(column!, W, size[1])),
            store(at(boxes, n, 2), half(size[0])),
            store(at(boxes, n, 3), half(size[1])),
          );
        }),
      ),
      outsideOf(boxes, x, y, fill),
    ];
  },

  backward: { x: ({ boxes }, _y, dy, dx) => [outsideOf(boxes, dy, dx, 0)] },

  reference({ x }, shapes, y, _yShape, { size: [R, S], probability, fill, stream }, runtime) {
    const [N, H, W, C] = dims("randomErasing", "x", shapes.x, 4);
    y.set(x);
    for (let n = 0; n < N; n++) {
      const [chance, row, column] = sampleNumbers(runtime, n, stream) as [number, number, number];
      if (!isChanged(chance, probability)) continue;
      const top = numberBelow(row, H) - Math.floor(R / 2);
      const left = numberBelow(column, W) - Math.floor(S / 2);
      for (let h = Math.max(0, top); h < Math.min(H, top + R); h++)
        for (let w = Math.max(0, left); w < Math.min(W, left + S); w++)
          for (let c = 0; c < C; c++) y[((n * H + h) * W + w) * C + c] = fill;
    }
  },

  samples: [
    { shapes: { x: [4, 7, 9, 1] }, attrs: { size: [4, 3], probability: 0.5, fill: -0.5, stream: 0 } },
    { shapes: { x: [3, 5, 4, 3] }, attrs: { size: [1, 2], probability: 1, fill: 0, stream: 1 } },
    { shapes: { x: [2, 6, 8, 4] }, attrs: { size: [5, 9], probability: 1, fill: 0.25, stream: 2 } },
    { shapes: { x: [2, 3, 4, 1] }, attrs: { size: [2, 2], probability: 0, fill: 1, stream: 4294967295 } },
  ],
  rejects: [
    {
      shapes: { x: [4, 7, 9] },
      attrs: { size: [4, 3], probability: 0.5, fill: 0, stream: 0 },
      message: "randomErasing: rank of x is 3, expected 4",
    },
    {
      shapes: { x: [4, 7, 9, 1] },
      attrs: { size: [4, 0], probability: 0.5, fill: 0, stream: 0 },
      message: "randomErasing: columns of the size is 0, expected a whole number of at least 1",
    },
    {
      shapes: { x: [4, 7, 9, 1] },
      attrs: { size: [4, 3], probability: 1.5, fill: 0, stream: 0 },
      message: "randomErasing: probability is 1.5, expected from 0 to 1",
    },
    {
      shapes: { x: [4, 7, 9, 1] },
      attrs: { size: [4, 3], probability: 0.5, fill: Number.POSITIVE_INFINITY, stream: 0 },
      message: "randomErasing: fill is Infinity, expected a finite number",
    },
  ],
});
