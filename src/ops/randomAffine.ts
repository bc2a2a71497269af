import { dims } from "../base/shape.ts";
import { add, constant, defineEach, div, fma, indexValue, loops, mul, sub, toFloat } from "../ir/build.ts";
import { cos, sin } from "../ir/math.ts";
import type { Affine, Value } from "../ir/types.ts";
import { checkAngle, checkRange, radians, sampleHalves, sampleNumbers, symmetric, symmetricNumber } from "./augment.ts";
import {
  bilinearNumber,
  borderedShape,
  checkOutside,
  type Outside,
  sampleBilinear,
  slopes,
  withBorder,
} from "./bilinear.ts";
import { checkAttribute, checkWhole } from "./check.ts";
import { defineOp } from "./op.ts";

export interface RandomAffineAttrs {
  /** The largest angle, in degrees. */
  readonly rotation: number;
  /** The largest shift along the rows and along the columns, in pixels. */
  readonly shift: readonly [number, number];
  /** The largest relative change of size: 0.1 for ±10 %. */
  readonly scale: number;
  /** The largest shear: the columns by which a row moves, per row of distance from the center. */
  readonly shear: number;
  readonly fill: Outside;
  /** Unique to each random layer of a network, so that their draws are independent. */
  readonly stream: number;
}

/**
 * Rotates, shears, scales and shifts each image at random, sampling it once, bilinearly.
 *
 *   y[n,h,w,c] = x[n, r, s, c] at
 *   r = r₀ + (cos θ · v − sin θ · (u + k·v)) / z + a,   v = h − r₀
 *   s = s₀ + (sin θ · v + cos θ · (u + k·v)) / z + b,   u = w − s₀
 *
 * with the center r₀ = (H − 1)/2, s₀ = (W − 1)/2. For each sample θ, a, b, z − 1 and k are uniform in ± their
 * largest values. x [N,H,W,C] gives y of the same shape. Halves 0 to 4 of the sample's block are θ, a, b, z, k.
 *
 * Augmentation comes before all trained layers, so it passes no gradient on: a network with a trained layer
 * before it is rejected.
 */
export const randomAffine = defineOp<RandomAffineAttrs>()({
  name: "randomAffine",
  inputs: ["x"],

  infer({ x }, { rotation, shift, scale, shear, fill, stream }) {
    dims("randomAffine", "x", x, 4);
    checkAngle("randomAffine", "rotation", rotation);
    checkRange("randomAffine", "shift of rows", shift[0]);
    checkRange("randomAffine", "shift of columns", shift[1]);
    checkAttribute("randomAffine", "scale", scale, scale >= 0 && scale < 1, "at least 0 and below 1");
    checkRange("randomAffine", "shear", shear);
    checkOutside("randomAffine", fill);
    checkWhole("randomAffine", "stream", stream, 0);
    return x;
  },

  scratch: ({ x }) => ({ bordered: borderedShape(x) }),

  forward({ x, bordered }, y, { rotation, shift, scale, shear, fill, stream }, runtime) {
    const [N, H, W] = dims("randomAffine", "y", y.shape, 4);
    const [r0, s0] = [(H - 1) / 2, (W - 1) / 2];
    const drawn = (half: Value, most: number): Value => mul(symmetric(half), constant(most));
    const from = (index: Affine, center: number): Value => sub(toFloat(indexValue(index)), constant(center));
    return [
      ...withBorder(x, bordered, fill),
      loops({ n: N }, ({ n }) =>
        sampleHalves(runtime, n, stream, ([angle, down, right, size, slant]) =>
          defineEach({ angle: drawn(angle!, radians(rotation)), size: add(drawn(size!, scale), constant(1)) }, (d) =>
            defineEach(
              {
                cosine: div(cos(d.angle), d.size),
                sine: div(sin(d.angle), d.size),
                shear: drawn(slant!, shear),
                a: add(drawn(down!, shift[0]), constant(r0)),
                b: add(drawn(right!, shift[1]), constant(s0)),
              },
              ({ cosine, sine, shear: k, a, b }) =>
                loops({ h: H, w: W }, ({ h, w }) =>
                  defineEach({ v: from(h, r0) }, ({ v }) =>
                    defineEach({ u: fma(k, v, from(w, s0)) }, ({ u }) =>
                      sampleBilinear(
                        bordered,
                        y,
                        [n, h, w],
                        [sub(fma(cosine, v, a), mul(sine, u)), fma(sine, v, fma(cosine, u, b))],
                        fill,
                      ),
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

  reference({ x }, shapes, y, _yShape, { rotation, shift, scale, shear, fill, stream }, runtime) {
    const [N, H, W, C] = dims("randomAffine", "x", shapes.x, 4);
    const [r0, s0] = [(H - 1) / 2, (W - 1) / 2];
    for (let n = 0; n < N; n++) {
      const draw = sampleNumbers(runtime, n, stream).map(symmetricNumber);
      const place = (h: number, w: number, c: number) => ((n * H + h) * W + w) * C + c;
      const image = bilinearNumber((h, w, c) => x[place(h, w, c)]!, [H, W], fill);
      const theta = (draw[0]! * rotation * Math.PI) / 180;
      const z = 1 + draw[3]! * scale;
      for (let h = 0; h < H; h++)
        for (let w = 0; w < W; w++) {
          const v = h - r0;
          const u = w - s0 + draw[4]! * shear * v;
          const row = r0 + (Math.cos(theta) * v - Math.sin(theta) * u) / z + draw[1]! * shift[0];
          const column = s0 + (Math.sin(theta) * v + Math.cos(theta) * u) / z + draw[2]! * shift[1];
          for (let c = 0; c < C; c++) y[place(h, w, c)] = image(row, column, c);
        }
    }
  },

  samples: [
    {
      shapes: { x: [3, 6, 5, 1] },
      attrs: { rotation: 8, shift: [2, 2], scale: 0.1, shear: 0.1, fill: 0.75, stream: 0 },
      values: { x: slopes([3, 6, 5, 1]) },
    },
    {
      shapes: { x: [2, 7, 9, 1] },
      attrs: { rotation: 180, shift: [0, 3], scale: 0.5, shear: 1, fill: 1, stream: 3 },
      values: { x: slopes([2, 7, 9, 1]) },
    },
    {
      shapes: { x: [2, 4, 5, 3] },
      attrs: { rotation: 45, shift: [9, 0], scale: 0, shear: 0, fill: 1, stream: 4294967295 },
      values: { x: slopes([2, 4, 5, 3]) },
    },
    {
      shapes: { x: [2, 5, 6, 2] },
      attrs: { rotation: 90, shift: [9, 4], scale: 0.5, shear: 0.5, fill: "edge", stream: 5 },
      values: { x: slopes([2, 5, 6, 2]) },
    },
    {
      shapes: { x: [2, 4, 4, 4] },
      attrs: { rotation: 0, shift: [0, 0], scale: 0, shear: 0, fill: -0.5, stream: 1 },
    },
  ],
  rejects: [
    {
      shapes: { x: [3, 6, 5] },
      attrs: { rotation: 8, shift: [2, 2], scale: 0.1, shear: 0.1, fill: 0, stream: 0 },
      message: "randomAffine: rank of x is 3, expected 4",
    },
    {
      shapes: { x: [3, 6, 5, 1] },
      attrs: { rotation: 181, shift: [2, 2], scale: 0.1, shear: 0.1, fill: 0, stream: 0 },
      message: "randomAffine: rotation is 181, expected degrees from 0 to 180",
    },
    {
      shapes: { x: [3, 6, 5, 1] },
      attrs: { rotation: 8, shift: [2, -1], scale: 0.1, shear: 0.1, fill: 0, stream: 0 },
      message: "randomAffine: shift of columns is -1, expected a number of at least 0",
    },
    {
      shapes: { x: [3, 6, 5, 1] },
      attrs: { rotation: 8, shift: [2, 2], scale: 1, shear: 0.1, fill: 0, stream: 0 },
      message: "randomAffine: scale is 1, expected at least 0 and below 1",
    },
    {
      shapes: { x: [3, 6, 5, 1] },
      attrs: { rotation: 8, shift: [2, 2], scale: 0.1, shear: Number.NaN, fill: 0, stream: 0 },
      message: "randomAffine: shear is NaN, expected a number of at least 0",
    },
    {
      shapes: { x: [3, 6, 5, 1] },
      attrs: { rotation: 8, shift: [2, 2], scale: 0.1, shear: 0.1, fill: Number.NaN, stream: 0 },
      message: 'randomAffine: fill is NaN, expected a finite number or "edge"',
    },
  ],

  draw(pick) {
    const shape = [pick(1, 3), pick(1, 9), pick(1, 14), pick(1, 5)];
    return {
      shapes: { x: shape },
      attrs: {
        rotation: pick(0, 180),
        shift: [pick(0, 3), pick(0, 3)],
        scale: pick(0, 6) / 8,
        shear: pick(0, 4) / 4,
        fill: pick(0, 1) ? 1 : "edge",
        stream: pick(0, 99),
      },
      values: { x: slopes(shape) },
    };
  },
});
