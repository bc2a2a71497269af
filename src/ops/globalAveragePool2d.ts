import { dims } from "../base/shape.ts";
import { constant, div, elementwise, load } from "../ir/build.ts";
import { contraction } from "../ir/contraction.ts";
import { at } from "../ir/view.ts";
import { defineOp } from "./op.ts";

/**
 * The mean of each channel over all pixels.
 *
 *   y[n,c] = (Σ_{h,w} x[n,h,w,c]) / (H·W)        dx[n,h,w,c] = dy[n,c] / (H·W)
 *
 * x [N,H,W,C] gives y [N,C]. Same as Keras' GlobalAveragePooling2D, and `tf.reduce_mean(x, [1, 2])`.
 */
export const globalAveragePool2d = defineOp()({
  name: "globalAveragePool2d",
  inputs: ["x"],
  multilinear: true,

  infer({ x }) {
    const [N, , , C] = dims("globalAveragePool2d", "x", x, 4);
    return [N, C];
  },

  forward({ x }, y) {
    const [N, H, W, C] = dims("globalAveragePool2d", "x", x.shape, 4);
    return [
      contraction({ n: N, c: C, h: H, w: W }, ({ n, c, h, w }) => ({
        out: at(y, n, c),
        a: at(x, n, h, w, c),
        finish: (sum) => div(sum, constant(H * W)),
      })),
    ];
  },

  backward: {
    x({ x }, _y, dy, dx) {
      const [, H, W] = dims("globalAveragePool2d", "x", x.shape, 4);
      return [elementwise(dx, ([n, , , c]) => div(load(at(dy, n!, c!)), constant(H * W)))];
    },
  },

  reference({ x }, shapes, y, yShape) {
    const [, H, W, C] = dims("globalAveragePool2d", "x", shapes.x, 4);
    y.forEach((_, i) => {
      const [n, c] = [Math.floor(i / C), i % C];
      let sum = 0;
      for (let place = 0; place < H * W; place++) sum += x[(n * H * W + place) * C + c]!;
      y[n * yShape[1]! + c] = sum / (H * W);
    });
  },

  samples: [
    { shapes: { x: [2, 4, 4, 16] }, attrs: {} },
    { shapes: { x: [3, 7, 5, 3] }, attrs: {} },
    { shapes: { x: [1, 1, 1, 1] }, attrs: {} },
    { shapes: { x: [4, 3, 2, 33] }, attrs: {} },
    { shapes: { x: [1, 2, 8200, 1] }, attrs: {} },
  ],
  rejects: [
    { shapes: { x: [2, 4] }, attrs: {}, message: "globalAveragePool2d: rank of x is 2, expected 4" },
    { shapes: { x: [2, 4, 4] }, attrs: {}, message: "globalAveragePool2d: rank of x is 3, expected 4" },
  ],
});
