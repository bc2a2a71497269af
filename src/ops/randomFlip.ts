import { dims } from "../base/shape.ts";
import { constant, defineEach, fma, indexValue, load, loops, store, toFloat, zero } from "../ir/build.ts";
import { wholePart } from "../ir/math.ts";
import type { Affine, Value } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { isChanged, sampleHalves, sampleNumbers, sometimes } from "./augment.ts";
import { eachChannel, pixelsOf } from "./bilinear.ts";
import { checkFraction, checkWhole } from "./check.ts";
import { defineOp } from "./op.ts";

export interface RandomFlipAttrs {
  /** The probability that an image is mirrored left to right. */
  readonly horizontal: number;
  /** The probability that it is turned upside down. */
  readonly vertical: number;
  /** Unique to each random layer of a network, so that their draws are independent. */
  readonly stream: number;
}

/**
 * Mirrors some of the images.
 *
 *   y[n,h,w,c] = x[n, v ? H − 1 − h : h, u ? W − 1 − w : w, c]
 *
 * u holds with probability `horizontal` and v with probability `vertical`, for each sample. x [N,H,W,C] gives y of the
 * same shape. Halves 0 and 1 of the sample's block decide u and v.
 *
 * Augmentation comes before all trained layers, so it passes no gradient on: a network with a trained layer
 * before it is rejected.
 */
export const randomFlip = defineOp<RandomFlipAttrs>()({
  name: "randomFlip",
  inputs: ["x"],

  infer({ x }, { horizontal, vertical, stream }) {
    dims("randomFlip", "x", x, 4);
    checkFraction("randomFlip", "horizontal", horizontal);
    checkFraction("randomFlip", "vertical", vertical);
    checkWhole("randomFlip", "stream", stream, 0);
    return x;
  },

  forward({ x }, y, { horizontal, vertical, stream }, runtime) {
    const [N, H, W, C] = dims("randomFlip", "y", y.shape, 4);
    const pixels = pixelsOf(x);
    // i is kept as start + sign · i: 0 + i, or (extent − 1) − i.
    const chosen = (half: Value, probability: number, flipped: number, kept: Value): Value =>
      sometimes(half, probability, constant(flipped), kept);
    const place = (i: Affine, start: Value, sign: Value): Value => wholePart(fma(sign, toFloat(indexValue(i)), start));
    return [
      loops({ n: N }, ({ n }) =>
        sampleHalves(runtime, n, stream, ([u, v]) =>
          defineEach(
            {
              top: chosen(v!, vertical, H - 1, zero),
              down: chosen(v!, vertical, -1, constant(1)),
              left: chosen(u!, horizontal, W - 1, zero),
              right: chosen(u!, horizontal, -1, constant(1)),
            },
            ({ top, down, left, right }) =>
              loops({ h: H, w: W }, ({ h, w }) =>
                defineEach({ number: pixels.number(place(h, top, down), place(w, left, right)) }, ({ number }) =>
                  eachChannel(C, (c) => store(at(y, n, h, w, c), load(pixels.at(number, n, 0, 0, c)))),
                ),
              ),
          ),
        ),
      ),
    ];
  },

  backward: { x: "constant" },

  reference({ x }, shapes, y, _yShape, { horizontal, vertical, stream }, runtime) {
    const [N, H, W, C] = dims("randomFlip", "x", shapes.x, 4);
    for (let n = 0; n < N; n++) {
      const [u, v] = sampleNumbers(runtime, n, stream) as [number, number];
      const [isMirrored, isTurned] = [isChanged(u, horizontal), isChanged(v, vertical)];
      for (let h = 0; h < H; h++)
        for (let w = 0; w < W; w++)
          for (let c = 0; c < C; c++) {
            const [row, column] = [isTurned ? H - 1 - h : h, isMirrored ? W - 1 - w : w];
            y[((n * H + h) * W + w) * C + c] = x[((n * H + row) * W + column) * C + c]!;
          }
    }
  },

  samples: [
    { shapes: { x: [6, 4, 5, 1] }, attrs: { horizontal: 0.5, vertical: 0, stream: 0 } },
    { shapes: { x: [6, 3, 4, 3] }, attrs: { horizontal: 0.5, vertical: 0.5, stream: 1 } },
    { shapes: { x: [2, 1, 9, 1] }, attrs: { horizontal: 1, vertical: 1, stream: 2 } },
    { shapes: { x: [2, 3, 3, 4] }, attrs: { horizontal: 0, vertical: 0, stream: 4294967295 } },
  ],
  rejects: [
    {
      shapes: { x: [6, 4, 5] },
      attrs: { horizontal: 0.5, vertical: 0, stream: 0 },
      message: "randomFlip: rank of x is 3, expected 4",
    },
    {
      shapes: { x: [6, 4, 5, 1] },
      attrs: { horizontal: 1.5, vertical: 0, stream: 0 },
      message: "randomFlip: horizontal is 1.5, expected from 0 to 1",
    },
    {
      shapes: { x: [6, 4, 5, 1] },
      attrs: { horizontal: 0, vertical: -1, stream: 0 },
      message: "randomFlip: vertical is -1, expected from 0 to 1",
    },
  ],
});
