import { InklingError } from "../base/error.ts";
import { dims } from "../base/shape.ts";
import { plus } from "../ir/affine.ts";
import {
  block,
  constant,
  define,
  eachElement,
  fill,
  fma,
  less,
  load,
  loops,
  max,
  mul,
  one,
  select,
  store,
  sub,
  zero,
} from "../ir/build.ts";
import type { Affine, Value } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { sampleHalves, sampleNumbers, unit, unitNumber } from "./augment.ts";
import { checkAttribute, checkFraction, checkWhole } from "./check.ts";
import { defineOp } from "./op.ts";
import { cross } from "./window.ts";

export interface RandomThicknessAttrs {
  /** The probability that bright strokes grow. */
  readonly dilate: number;
  /** The probability that they shrink. */
  readonly erode: number;
  /** The structuring element: the 4 adjacent pixels, or all 8 of them. */
  readonly shape: "cross" | "square";
  /** Unique to each random layer of a network, so that their draws are independent. */
  readonly stream: number;
}

/** The value of the border, below that of any image. */
const LEAST = -(2 ** 126);

/** The offsets of a pixel and its neighbors. */
const neighbors = (shape: "cross" | "square") =>
  cross([-1, 0, 1], [-1, 0, 1]).filter(([down, right]) => shape === "square" || down === 0 || right === 0);

/**
 * Makes the bright strokes of each image thicker or thinner at random, by grayscale dilation or erosion.
 *
 *   y[n,h,w,c] = x[n,h,w,c] + amount[n] · (e − x[n,h,w,c])
 *   e = max or min of x[n,h+i,w+j,c] over the pixels i, j ∈ {−1, 0, 1} of the shape
 *
 * x [N,H,W,C] gives y of the same shape; pixels outside the image do not count. Half 0 of the sample's block
 * chooses: below dilate it is max, below dilate + erode min, else the amount is 0. Half 1 is the amount, uniform in
 * [0, 1), so that strokes change by fractions of a pixel; a whole pixel on each side would erase a thin letter.
 *
 * Augmentation comes before all trained layers, so it passes no gradient on: a network with a trained layer
 * before it is rejected.
 */
export const randomThickness = defineOp<RandomThicknessAttrs>()({
  name: "randomThickness",
  inputs: ["x"],

  infer({ x }, { dilate, erode, shape, stream }) {
    dims("randomThickness", "x", x, 4);
    checkFraction("randomThickness", "dilate", dilate);
    checkAttribute("randomThickness", "erode", erode, erode >= 0 && dilate + erode <= 1, "from 0 to 1 − dilate");
    if (shape !== "cross" && shape !== "square")
      throw new InklingError("INVALID_ARGUMENT", `randomThickness: shape is ${shape}, expected "cross" or "square"`);
    checkWhole("randomThickness", "stream", stream, 0);
    return x;
  },

  /** 1 or −1 and the amount for each sample; the images, negated for erosion, with a border that is never the maximum. */
  scratch: ({ x: [N, H, W, C] }) => ({ change: [N!, 2], bordered: [N!, H! + 2, W! + 2, C!] }),

  forward({ x, change, bordered }, y, { dilate, erode, shape, stream }, runtime) {
    const signed = (n: Affine, value: Value) => mul(load(at(change, n, 0)), value);
    return [
      loops({ n: y.shape[0]! }, ({ n }) =>
        sampleHalves(runtime, n, stream, ([chance, amount]) => {
          const isBelow = (limit: number) => less(unit(chance!), constant(limit));
          return block(
            store(at(change, n, 0), select(isBelow(dilate), one, constant(-1))),
            store(at(change, n, 1), select(isBelow(dilate + erode), unit(amount!), zero)),
          );
        }),
      ),
      fill(bordered, LEAST),
      eachElement(x, (index) => {
        const [n, h, w, c] = index as [Affine, Affine, Affine, Affine];
        return store(at(bordered, n, plus(h, 1), plus(w, 1), c), signed(n, load(at(x, n, h, w, c))));
      }),
      eachElement(y, (index) => {
        const [n, h, w, c] = index as [Affine, Affine, Affine, Affine];
        const greatest = neighbors(shape)
          .map(([down, right]) => load(at(bordered, n, plus(h, 1 + down), plus(w, 1 + right), c)))
          .reduce(max);
        return define("pixel", load(at(x, n, h, w, c)), (pixel) =>
          store(at(y, n, h, w, c), fma(load(at(change, n, 1)), sub(signed(n, greatest), pixel), pixel)),
        );
      }),
    ];
  },

  backward: { x: "constant" },

  reference({ x }, shapes, y, _yShape, { dilate, erode, shape, stream }, runtime) {
    const [N, H, W, C] = dims("randomThickness", "x", shapes.x, 4);
    y.set(x);
    for (let n = 0; n < N; n++) {
      const [chance, amount] = sampleNumbers(runtime, n, stream).map(unitNumber) as [number, number];
      const pick = chance < Math.fround(dilate) ? Math.max : Math.min;
      if (chance >= Math.fround(dilate + erode)) continue;
      for (let h = 0; h < H; h++)
        for (let w = 0; w < W; w++)
          for (let c = 0; c < C; c++) {
            const around: number[] = [];
            for (let i = Math.max(0, h - 1); i <= Math.min(H - 1, h + 1); i++)
              for (let j = Math.max(0, w - 1); j <= Math.min(W - 1, w + 1); j++)
                if (shape === "square" || i === h || j === w) around.push(x[((n * H + i) * W + j) * C + c]!);
            const place = ((n * H + h) * W + w) * C + c;
            y[place] = x[place]! + amount * (pick(...around) - x[place]!);
          }
    }
  },

  samples: [
    { shapes: { x: [8, 5, 7, 1] }, attrs: { dilate: 0.4, erode: 0.3, shape: "cross", stream: 0 } },
    { shapes: { x: [2, 4, 3, 3] }, attrs: { dilate: 0, erode: 1, shape: "square", stream: 1 } },
    { shapes: { x: [2, 3, 5, 4] }, attrs: { dilate: 1, erode: 0, shape: "square", stream: 2 } },
    { shapes: { x: [2, 1, 1, 1] }, attrs: { dilate: 0.5, erode: 0.5, shape: "cross", stream: 4294967295 } },
  ],
  rejects: [
    {
      shapes: { x: [8, 5, 7] },
      attrs: { dilate: 0.4, erode: 0.3, shape: "cross", stream: 0 },
      message: "randomThickness: rank of x is 3, expected 4",
    },
    {
      shapes: { x: [8, 5, 7, 1] },
      attrs: { dilate: -0.1, erode: 0.3, shape: "cross", stream: 0 },
      message: "randomThickness: dilate is -0.1, expected from 0 to 1",
    },
    {
      shapes: { x: [8, 5, 7, 1] },
      attrs: { dilate: 0.75, erode: 0.5, shape: "cross", stream: 0 },
      message: "randomThickness: erode is 0.5, expected from 0 to 1 − dilate",
    },
    {
      shapes: { x: [8, 5, 7, 1] },
      attrs: { dilate: 0.4, erode: 0.3, shape: "disc" as "cross", stream: 0 },
      message: 'randomThickness: shape is disc, expected "cross" or "square"',
    },
  ],
});
