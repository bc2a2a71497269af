import { dims } from "../base/shape.ts";
import { plus } from "../ir/affine.ts";
import {
  add,
  bind,
  block,
  constant,
  define,
  defineEach,
  fma,
  indexValue,
  load,
  loops,
  max,
  mul,
  negate,
  store,
  sub,
  toFloat,
  zero,
} from "../ir/build.ts";
import type { Affine, Stmt, Value } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import {
  augmentNumbers,
  augmentWords,
  checkRange,
  halfNumbers,
  halves,
  symmetric,
  symmetricNumber,
} from "./augment.ts";
import {
  bilinearNumber,
  borderedShape,
  checkOutside,
  type Outside,
  sampleBilinear,
  slopes,
  withBorder,
} from "./bilinear.ts";
import { checkWhole } from "./check.ts";
import { defineOp } from "./op.ts";
import { cross, range } from "./window.ts";

export interface RandomElasticAttrs {
  /** The largest displacement, in pixels. */
  readonly strength: number;
  /** Cells of the grid along the rows and along the columns of an image. */
  readonly grid: readonly [number, number];
  readonly fill: Outside;
  /** Unique to each random layer of a network, so that their draws are independent. */
  readonly stream: number;
}

/** The number of grid points along one axis: the corners of the cells, and one more at each end. */
const pointsOf = (cells: number): number => cells + 3;

/** The number of blocks of draws per sample, each for four points. */
const blocksOf = ([rows, columns]: RandomElasticAttrs["grid"]): number =>
  Math.ceil((pointsOf(rows) * pointsOf(columns)) / 4);

/**
 * The weights of the points of one axis at pixel i: the cubic B-spline B(t) at the distances t from them, in cells.
 *
 *   B(t) = (max(0, 2 − |t|)³ − 4·max(0, 1 − |t|)³) / 6
 */
function splineWeights(i: Affine, extent: number, cells: number, body: (weights: readonly Value[]) => Stmt): Stmt {
  const cube = (x: Value) => bind("cubed", x, (of) => mul(mul(of, of), of));
  const weight = (place: Value, k: number): Value =>
    bind("offset", sub(place, constant(k)), (t) =>
      bind("distance", max(t, negate(t)), (distance) => {
        const [wide, narrow] = [2, 1].map((reach) => cube(max(zero, sub(constant(reach), distance)))) as [Value, Value];
        return mul(fma(constant(-4), narrow, wide), constant(1 / 6));
      }),
    );
  // Point k is at k − 1 cells, so the image lies between points 1 and cells + 1.
  const place = fma(toFloat(indexValue(i)), constant(cells / extent), constant((0.5 * cells) / extent + 1));
  return define("place", place, (at) =>
    defineEach(Object.fromEntries(range(0, pointsOf(cells)).map((k) => [`weight${k}`, weight(at, k)])), (weights) =>
      body(Object.values(weights)),
    ),
  );
}

const sumOf = (terms: readonly (readonly [Value, Value])[]): Value =>
  terms.reduce<Value>((sum, [a, b]) => fma(a, b, sum), zero);

/**
 * Distorts each image at random: every pixel is sampled at a smoothly varying displacement.
 *
 *   y[n,h,w,c] = x[n, h + D[n,0,h,w], w + D[n,1,h,w], c], sampled bilinearly
 *   D[n,a,h,w] = strength · Σ_{k,l} B(h' + 1 − k) · B(w' + 1 − l) · u[n,a,k,l]
 *
 * where h' = (h + ½) · rows / H and w' likewise: a cubic B-spline over a grid of points whose u are
 * uniform in [−1, 1). Displacements stay below `strength`; their standard deviation is 0.28 · strength. x [N,H,W,C]
 * gives y of the same shape. The words of block b of Q = ⌈points/4⌉ belong to points b, Q + b, 2Q + b and 3Q + b, in
 * row-major order: the low half displaces along the height (a = 0), the high half along the width.
 *
 * Source: Simard, Steinkraus & Platt, "Best practices for convolutional neural networks applied to visual document
 * analysis", 2003. There, a displacement is drawn for every pixel and smoothed with a Gaussian; here, a spline
 * through a few points gives an equally smooth field from a fraction of the draws.
 *
 * Augmentation comes before all trained layers, so it passes no gradient on: a network with a trained layer
 * before it is rejected.
 */
export const randomElastic = defineOp<RandomElasticAttrs>()({
  name: "randomElastic",
  inputs: ["x"],

  infer({ x }, { strength, grid, fill, stream }) {
    dims("randomElastic", "x", x, 4);
    checkRange("randomElastic", "strength", strength);
    checkWhole("randomElastic", "rows of the grid", grid[0], 1);
    checkWhole("randomElastic", "columns of the grid", grid[1], 1);
    checkOutside("randomElastic", fill);
    checkWhole("randomElastic", "stream", stream, 0);
    return x;
  },

  /** The displacements of the points; those of pixel columns at the points' rows; the bordered images. */
  scratch: ({ x }, { grid }) => ({
    points: [x[0]!, 2, 4 * blocksOf(grid)],
    columns: [x[0]!, 2, pointsOf(grid[0]), x[2]!],
    bordered: borderedShape(x),
  }),

  forward({ x, points, columns, bordered }, y, { strength, grid, fill, stream }, runtime) {
    const [N, H, W] = dims("randomElastic", "y", y.shape, 4);
    const [K, L] = grid.map(pointsOf) as [number, number];
    const Q = blocksOf(grid);
    const axes = [0, 1] as const;
    return [
      loops({ n: N, b: Q }, ({ n, b }) =>
        augmentWords(runtime, n, b, stream, (words) =>
          block(
            ...halves(words).map((half, i) =>
              store(at(points, n, i % 2, plus(b, Math.floor(i / 2) * Q)), mul(symmetric(half), constant(strength))),
            ),
          ),
        ),
      ),
      loops({ n: N, w: W }, ({ n, w }) =>
        splineWeights(w, W, grid[1], (weights) =>
          block(
            ...cross(axes, range(0, K)).map(([a, k]) =>
              store(
                at(columns, n, a, k, w),
                sumOf(range(0, L).map((l) => [weights[l]!, load(at(points, n, a, k * L + l))])),
              ),
            ),
          ),
        ),
      ),
      ...withBorder(x, bordered, fill),
      loops({ n: N, h: H }, ({ n, h }) =>
        splineWeights(h, H, grid[0], (weights) => {
          const displaced = (i: Affine, a: number, w: Affine) =>
            add(sumOf(range(0, K).map((k) => [weights[k]!, load(at(columns, n, a, k, w))])), toFloat(indexValue(i)));
          return loops({ w: W }, ({ w }) =>
            sampleBilinear(bordered, y, [n, h, w], [displaced(h, 0, w), displaced(w, 1, w)], fill),
          );
        }),
      ),
    ];
  },

  backward: { x: "constant" },

  reference({ x }, shapes, y, _yShape, { strength, grid, fill, stream }, runtime) {
    const [N, H, W, C] = dims("randomElastic", "x", shapes.x, 4);
    const [K, L] = [grid[0] + 3, grid[1] + 3];
    const Q = Math.ceil((K * L) / 4);
    const spline = (t: number): number => {
      if (t >= 2) return 0;
      return t >= 1 ? (2 - t) ** 3 / 6 : 2 / 3 - t ** 2 + t ** 3 / 2;
    };
    for (let n = 0; n < N; n++) {
      const move = (a: number, h: number, w: number): number => {
        let sum = 0;
        for (let k = 0; k < K; k++)
          for (let l = 0; l < L; l++) {
            const point = k * L + l;
            const drawn = halfNumbers(augmentNumbers(runtime, n, point % Q, stream))[2 * Math.floor(point / Q) + a]!;
            const [down, right] = [((h + 0.5) * grid[0]) / H + 1 - k, ((w + 0.5) * grid[1]) / W + 1 - l];
            sum += spline(Math.abs(down)) * spline(Math.abs(right)) * symmetricNumber(drawn);
          }
        return strength * sum;
      };
      const place = (h: number, w: number, c: number) => ((n * H + h) * W + w) * C + c;
      const image = bilinearNumber((h, w, c) => x[place(h, w, c)]!, [H, W], fill);
      for (let h = 0; h < H; h++)
        for (let w = 0; w < W; w++)
          for (let c = 0; c < C; c++) y[place(h, w, c)] = image(h + move(0, h, w), w + move(1, h, w), c);
    }
  },

  samples: [
    {
      shapes: { x: [2, 6, 9, 1] },
      attrs: { strength: 3, grid: [3, 2], fill: 0.75, stream: 0 },
      values: { x: slopes([2, 6, 9, 1]) },
    },
    {
      shapes: { x: [2, 5, 4, 3] },
      attrs: { strength: 8, grid: [1, 4], fill: 1, stream: 1 },
      values: { x: slopes([2, 5, 4, 3]) },
    },
    {
      shapes: { x: [2, 5, 6, 2] },
      attrs: { strength: 5, grid: [2, 2], fill: "edge", stream: 2 },
      values: { x: slopes([2, 5, 6, 2]) },
    },
    { shapes: { x: [2, 4, 4, 4] }, attrs: { strength: 0, grid: [1, 1], fill: 1, stream: 4294967295 } },
  ],
  rejects: [
    {
      shapes: { x: [2, 6, 9] },
      attrs: { strength: 3, grid: [3, 2], fill: 0, stream: 0 },
      message: "randomElastic: rank of x is 3, expected 4",
    },
    {
      shapes: { x: [2, 6, 9, 1] },
      attrs: { strength: -3, grid: [3, 2], fill: 0, stream: 0 },
      message: "randomElastic: strength is -3, expected a number of at least 0",
    },
    {
      shapes: { x: [2, 6, 9, 1] },
      attrs: { strength: 3, grid: [0, 2], fill: 0, stream: 0 },
      message: "randomElastic: rows of the grid is 0, expected a whole number of at least 1",
    },
    {
      shapes: { x: [2, 6, 9, 1] },
      attrs: { strength: 3, grid: [3, 2], fill: Number.NaN, stream: 0 },
      message: 'randomElastic: fill is NaN, expected a finite number or "edge"',
    },
  ],
});
