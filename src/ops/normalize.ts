import { dims } from "../base/shape.ts";
import { constant, div, load, loops, store, sub, toFloat } from "../ir/build.ts";
import { at } from "../ir/view.ts";
import { checkAttribute, checkFinite } from "./check.ts";
import { defineOp } from "./op.ts";

export interface NormalizeAttrs {
  readonly mean: number;
  readonly scale: number;
}

/** Normalizes pixels: y = (x − mean) / scale. x [N,H,W,C] are bytes, y [N,H,W,C] floats. */
export const normalize = defineOp<NormalizeAttrs>()({
  name: "normalize",
  inputs: ["x"],
  types: { x: "u8" },

  infer({ x }, { mean, scale }) {
    checkFinite("normalize", "mean", mean);
    checkFinite("normalize", "scale", scale);
    checkAttribute("normalize", "scale", scale, scale !== 0, "a number other than 0");
    return dims("normalize", "x", x, 4);
  },

  forward({ x }, y, { mean, scale }) {
    const [N, H, W, C] = dims("normalize", "y", y.shape, 4);
    return [
      loops({ n: N, h: H, w: W, c: C }, ({ n, h, w, c }) => {
        const pixel = toFloat(load(at(x, n, h, w, c)));
        return store(at(y, n, h, w, c), div(sub(pixel, constant(mean)), constant(scale)));
      }),
    ];
  },

  backward: { x: null },

  reference({ x }, _shapes, y, _yShape, { mean, scale }) {
    for (let i = 0; i < y.length; i++) y[i] = (x[i]! - mean) / scale;
  },

  samples: [
    { shapes: { x: [5, 6, 4, 1] }, attrs: { mean: 127.5, scale: 255 } },
    { shapes: { x: [4, 5, 7, 3] }, attrs: { mean: 0, scale: 1 } },
    { shapes: { x: [1, 3, 3, 4] }, attrs: { mean: 100, scale: -3 } },
  ],
  rejects: [
    {
      shapes: { x: [5, 6, 4] },
      attrs: { mean: 127.5, scale: 255 },
      message: "normalize: rank of x is 3, expected 4",
    },
    {
      shapes: { x: [5, 6, 4, 1] },
      attrs: { mean: 127.5, scale: 0 },
      message: "normalize: scale is 0, expected a number other than 0",
    },
    {
      shapes: { x: [5, 6, 4, 1] },
      attrs: { mean: Number.NaN, scale: 255 },
      message: "normalize: mean is NaN, expected a finite number",
    },
  ],
});
