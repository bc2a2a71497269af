import { dims, shapeError } from "../base/shape.ts";
import { constant, div, equal, indexValue, integer, load, loops, select, store, sub, toFloat } from "../ir/build.ts";
import type { Affine, Value } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { checkAttribute, checkFinite } from "./check.ts";
import { defineOp } from "./op.ts";

/** A number for all channels, or one for each [C]. */
export type PerChannel = number | readonly number[];

export interface NormalizeAttrs {
  readonly mean: PerChannel;
  readonly scale: PerChannel;
}

/** The number for a channel. */
export const ofChannel = (numbers: PerChannel, c: number): number =>
  typeof numbers === "number" ? numbers : numbers[c]!;

/** The same for an axis of channels. */
const alongChannels = (numbers: PerChannel, c: Affine): Value => {
  if (typeof numbers === "number") return constant(numbers);
  const [first, ...rest] = numbers.map(constant);
  return rest.reduce((others, value, k) => select(equal(indexValue(c), integer(k + 1)), value, others), first!);
};

function check(what: string, numbers: PerChannel, C: number): void {
  if (typeof numbers !== "number" && numbers.length !== C)
    throw shapeError("normalize", `length of ${what}`, numbers.length, C);
  for (const number of [numbers].flat()) checkFinite("normalize", what, number);
}

/** Normalizes pixels: y[n,h,w,c] = (x[n,h,w,c] − mean[c]) / scale[c]. x [N,H,W,C] are bytes, y [N,H,W,C] floats. */
export const normalize = defineOp<NormalizeAttrs>()({
  name: "normalize",
  inputs: ["x"],
  types: { x: "u8" },

  infer({ x }, { mean, scale }) {
    const shape = dims("normalize", "x", x, 4);
    check("mean", mean, shape[3]);
    check("scale", scale, shape[3]);
    for (const number of [scale].flat())
      checkAttribute("normalize", "scale", number, number !== 0, "a number other than 0");
    return shape;
  },

  forward({ x }, y, { mean, scale }) {
    const [N, H, W, C] = dims("normalize", "y", y.shape, 4);
    return [
      loops({ n: N, h: H, w: W, c: C }, ({ n, h, w, c }) => {
        const pixel = toFloat(load(at(x, n, h, w, c)));
        return store(at(y, n, h, w, c), div(sub(pixel, alongChannels(mean, c)), alongChannels(scale, c)));
      }),
    ];
  },

  backward: { x: null },

  reference({ x }, { x: shape }, y, _yShape, { mean, scale }) {
    for (let i = 0; i < y.length; i++) {
      const c = i % shape[3]!;
      y[i] = (x[i]! - ofChannel(mean, c)) / ofChannel(scale, c);
    }
  },

  samples: [
    { shapes: { x: [5, 6, 4, 1] }, attrs: { mean: 127.5, scale: 255 } },
    { shapes: { x: [4, 5, 7, 3] }, attrs: { mean: 0, scale: 1 } },
    { shapes: { x: [1, 3, 3, 4] }, attrs: { mean: 100, scale: -3 } },
    { shapes: { x: [2, 4, 5, 3] }, attrs: { mean: [123.7, 116.3, 103.5], scale: [58.4, 57.1, 57.4] } },
    { shapes: { x: [3, 2, 9, 2] }, attrs: { mean: 100, scale: [50, 60] } },
    { shapes: { x: [2, 7, 3, 1] }, attrs: { mean: [1], scale: 2 } },
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
    {
      shapes: { x: [5, 6, 4, 3] },
      attrs: { mean: [1, 2], scale: 255 },
      message: "normalize: length of mean is 2, expected 3",
    },
  ],
});
