import { dims, sizeOf } from "../base/shape.ts";
import { elementwise, load, mul } from "../ir/build.ts";
import type { View } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { blocksOf, checkDropout, type DropoutAttrs, drawScale, scaleAt } from "./dropout.ts";
import { defineOp } from "./op.ts";

const scaled = (of: View, scale: View, to: View) =>
  elementwise(to, ([n, h, w, c]) => mul(load(at(of, n!, h!, w!, c!)), load(at(scale, n!, c!))));

/**
 * Dropout of whole channels: sets channels to zero at random and scales the others so that the expected value is unchanged.
 *
 *   y[n,h,w,c] = x[n,h,w,c] · scale[n,c],   scale[n,c] = uniform(n,c) < keepProbability ? 1 / keepProbability : 0
 *
 * x [N,H,W,C] gives y of the same shape; the draws are those of `dropout` for [N,C]. Same as Keras' SpatialDropout2D. Source:
 * Tompson et al., "Efficient object localization using convolutional networks", CVPR 2015.
 */
export const spatialDropout2d = defineOp<DropoutAttrs>()({
  name: "spatialDropout2d",
  inputs: ["x"],

  infer({ x }, attrs) {
    dims("spatialDropout2d", "x", x, 4);
    checkDropout("spatialDropout2d", attrs);
    return x;
  },

  saves: ({ x }) => ({ scale: [x[0]!, 4 * blocksOf(x[3]!)] }),

  forward: ({ x, scale }, y, attrs, runtime) => [drawScale(scale, attrs, runtime), scaled(x, scale, y)],

  backward: { x: ({ scale }, _y, dy, dx) => [scaled(dy, scale, dx)] },

  reference({ x }, shapes, y, _yShape, attrs, runtime) {
    const [C, E] = [shapes.x[3]!, sizeOf(shapes.x.slice(1))];
    x.forEach((value, i) => {
      y[i] = value * scaleAt(Math.floor(i / E), i % C, C, attrs, runtime);
    });
  },

  samples: [
    { shapes: { x: [3, 4, 4, 16] }, attrs: { keepProbability: 0.5, stream: 0 } },
    { shapes: { x: [4, 3, 5, 7] }, attrs: { keepProbability: 0.7, stream: 1 } },
    { shapes: { x: [2, 2, 1, 1] }, attrs: { keepProbability: 0.25, stream: 2 } },
    { shapes: { x: [2, 2, 2, 33] }, attrs: { keepProbability: 1, stream: 4294967295 } },
  ],
  rejects: [
    {
      shapes: { x: [2, 4] },
      attrs: { keepProbability: 0.5, stream: 0 },
      message: "spatialDropout2d: rank of x is 2, expected 4",
    },
    {
      shapes: { x: [2, 4, 4, 3] },
      attrs: { keepProbability: 0, stream: 0 },
      message: "spatialDropout2d: keepProbability is 0, expected above 0 and at most 1",
    },
    {
      shapes: { x: [2, 4, 4, 3] },
      attrs: { keepProbability: 0.5, stream: 1.5 },
      message: "spatialDropout2d: stream is 1.5, expected a whole number of at least 0",
    },
  ],
});
