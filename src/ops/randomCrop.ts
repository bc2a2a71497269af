import { dims } from "../base/shape.ts";
import {
  add,
  constant,
  defineEach,
  equal,
  indexValue,
  load,
  loops,
  max,
  min,
  select,
  store,
  sub,
  toFloat,
  zero,
} from "../ir/build.ts";
import { wholePart } from "../ir/math.ts";
import type { Affine, Value } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { below, numberBelow, sampleHalves, sampleNumbers } from "./augment.ts";
import { checkOutside, eachChannel, type Outside, pixelsOf } from "./bilinear.ts";
import { checkWhole } from "./check.ts";
import { defineOp } from "./op.ts";

export interface RandomCropAttrs {
  /** The largest shift along the rows and along the columns, in pixels. */
  readonly padding: readonly [number, number];
  readonly fill: Outside;
  /** Unique to each random layer of a network, so that their draws are independent. */
  readonly stream: number;
}

/**
 * Pads each image on all sides and crops it to its size again at a random place: shifts it by whole pixels.
 *
 *   y[n,h,w,c] = x[n, h + a[n] − P, w + b[n] − Q, c], or the fill outside x
 *
 * a is uniform in 0 … 2P and b in 0 … 2Q, with padding [P, Q]. x [N,H,W,C] gives y of the same shape. Halves 0 and 1 of
 * the sample's block are a and b. Same as torchvision's `RandomCrop` of an image's own size with `padding`.
 *
 * Augmentation comes before all trained layers, so it passes no gradient on: a network with a trained layer
 * before it is rejected.
 */
export const randomCrop = defineOp<RandomCropAttrs>()({
  name: "randomCrop",
  inputs: ["x"],

  infer({ x }, { padding, fill, stream }) {
    dims("randomCrop", "x", x, 4);
    checkWhole("randomCrop", "padding of rows", padding[0], 0);
    checkWhole("randomCrop", "padding of columns", padding[1], 0);
    checkOutside("randomCrop", fill);
    checkWhole("randomCrop", "stream", stream, 0);
    return x;
  },

  forward({ x }, y, { padding: [P, Q], fill, stream }, runtime) {
    const [N, H, W, C] = dims("randomCrop", "y", y.shape, 4);
    const pixels = pixelsOf(x);
    const shift = (half: Value, most: number): Value => sub(toFloat(below(half, 2 * most + 1)), constant(most));
    const nearest = (place: Value, extent: number): Value => max(zero, min(constant(extent - 1), place));
    const place = (i: Affine, by: Value): Value => add(toFloat(indexValue(i)), by);
    return [
      loops({ n: N }, ({ n }) =>
        sampleHalves(runtime, n, stream, ([a, b]) =>
          defineEach({ down: shift(a!, P), right: shift(b!, Q) }, ({ down, right }) =>
            loops({ h: H, w: W }, ({ h, w }) =>
              defineEach({ row: place(h, down), column: place(w, right) }, ({ row, column }) =>
                defineEach({ insideRow: nearest(row, H), insideColumn: nearest(column, W) }, (inside) =>
                  defineEach(
                    { number: pixels.number(wholePart(inside.insideRow), wholePart(inside.insideColumn)) },
                    ({ number }) =>
                      eachChannel(C, (c) => {
                        const found = load(pixels.at(number, n, 0, 0, c));
                        if (fill === "edge") return store(at(y, n, h, w, c), found);
                        const isInside = (at: Value, clamped: Value, value: Value) =>
                          select(equal(at, clamped), value, constant(fill));
                        const value = isInside(column, inside.insideColumn, found);
                        return store(at(y, n, h, w, c), isInside(row, inside.insideRow, value));
                      }),
                  ),
                ),
              ),
            ),
          ),
        ),
      ),
    ];
  },

  backward: { x: "constant" },

  reference({ x }, shapes, y, _yShape, { padding: [P, Q], fill, stream }, runtime) {
    const [N, H, W, C] = dims("randomCrop", "x", shapes.x, 4);
    const clamp = (i: number, extent: number) => Math.min(Math.max(i, 0), extent - 1);
    for (let n = 0; n < N; n++) {
      const [a, b] = sampleNumbers(runtime, n, stream) as [number, number];
      const [down, right] = [numberBelow(a, 2 * P + 1) - P, numberBelow(b, 2 * Q + 1) - Q];
      for (let h = 0; h < H; h++)
        for (let w = 0; w < W; w++) {
          const [row, column] = [h + down, w + right];
          const isInside = row >= 0 && row < H && column >= 0 && column < W;
          for (let c = 0; c < C; c++)
            y[((n * H + h) * W + w) * C + c] =
              isInside || fill === "edge" ? x[((n * H + clamp(row, H)) * W + clamp(column, W)) * C + c]! : fill;
        }
    }
  },

  samples: [
    { shapes: { x: [4, 6, 5, 1] }, attrs: { padding: [2, 2], fill: 0.75, stream: 0 } },
    { shapes: { x: [3, 4, 9, 3] }, attrs: { padding: [1, 4], fill: "edge", stream: 1 } },
    { shapes: { x: [2, 3, 3, 4] }, attrs: { padding: [7, 5], fill: -0.5, stream: 4294967295 } },
    { shapes: { x: [2, 3, 4, 1] }, attrs: { padding: [0, 9], fill: "edge", stream: 2 } },
  ],
  rejects: [
    {
      shapes: { x: [4, 6, 5] },
      attrs: { padding: [2, 2], fill: 0, stream: 0 },
      message: "randomCrop: rank of x is 3, expected 4",
    },
    {
      shapes: { x: [4, 6, 5, 1] },
      attrs: { padding: [2, -1], fill: 0, stream: 0 },
      message: "randomCrop: padding of columns is -1, expected a whole number of at least 0",
    },
    {
      shapes: { x: [4, 6, 5, 1] },
      attrs: { padding: [2, 2], fill: Number.NaN, stream: 0 },
      message: 'randomCrop: fill is NaN, expected a finite number or "edge"',
    },
  ],
});
