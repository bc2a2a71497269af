import { constant, div, load, loops, store, sub, toFloat } from "../ir/build.ts";
import { at, gather } from "../ir/view.ts";
import { dims } from "../tensor/shape.ts";
import { checkAttribute, checkFinite } from "./check.ts";
import { defineOp } from "./op.ts";

export interface GatherImagesAttrs {
  readonly mean: number;
  readonly scale: number;
}

/**
 * The images of a batch, out of a data set of bytes, normalised.
 *
 *   y[n,h,w,c] = (images[rows[n],h,w,c] − mean) / scale
 *
 * images [M,H,W,C] and rows [N], numbers below M, give y [N,H,W,C].
 */
export const gatherImages = defineOp<GatherImagesAttrs>()({
  name: "gatherImages",
  inputs: ["images", "rows"],
  types: { images: "u8", rows: "u32" },

  infer({ images, rows }, { mean, scale }) {
    const [, H, W, C] = dims("gatherImages", "images", images, 4);
    const [N] = dims("gatherImages", "rows", rows, 1);
    checkFinite("gatherImages", "mean", mean);
    checkFinite("gatherImages", "scale", scale);
    checkAttribute("gatherImages", "scale", scale, scale !== 0, "a number other than 0");
    return [N, H, W, C];
  },

  forward({ images, rows }, y, { mean, scale }) {
    const [N, H, W, C] = dims("gatherImages", "y", y.shape, 4);
    return [
      loops({ n: N, h: H, w: W, c: C }, ({ n, h, w, c }) => {
        const pixel = toFloat(load(gather(images, load(at(rows, n)), 0, h, w, c)));
        return store(at(y, n, h, w, c), div(sub(pixel, constant(mean)), constant(scale)));
      }),
    ];
  },

  backward: { images: null, rows: null },

  reference({ images, rows }, _shapes, y, yShape, { mean, scale }) {
    const pixels = y.length / yShape[0]!;
    rows.forEach((row, n) => {
      for (let p = 0; p < pixels; p++) y[n * pixels + p] = (images[row * pixels + p]! - mean) / scale;
    });
  },

  samples: [
    {
      shapes: { images: [5, 6, 4, 1], rows: [3] },
      attrs: { mean: 127.5, scale: 255 },
      values: { rows: [4, 0, 4] },
    },
    { shapes: { images: [3, 5, 7, 3], rows: [4] }, attrs: { mean: 0, scale: 1 }, values: { rows: [2, 1, 0, 2] } },
    { shapes: { images: [1, 3, 3, 4], rows: [1] }, attrs: { mean: 100, scale: -3 }, values: { rows: [0] } },
  ],
  rejects: [
    {
      shapes: { images: [5, 6, 4], rows: [3] },
      attrs: { mean: 127.5, scale: 255 },
      message: "gatherImages: rank of images is 3, expected 4",
    },
    {
      shapes: { images: [5, 6, 4, 1], rows: [3, 1] },
      attrs: { mean: 127.5, scale: 255 },
      message: "gatherImages: rank of rows is 2, expected 1",
    },
    {
      shapes: { images: [5, 6, 4, 1], rows: [3] },
      attrs: { mean: 127.5, scale: 0 },
      message: "gatherImages: scale is 0, expected a number other than 0",
    },
    {
      shapes: { images: [5, 6, 4, 1], rows: [3] },
      attrs: { mean: Number.NaN, scale: 255 },
      message: "gatherImages: mean is NaN, expected a finite number",
    },
  ],
});
