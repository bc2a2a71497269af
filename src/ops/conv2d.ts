import { dims, type Shape, shapeError } from "../base/shape.ts";
import { plus, times } from "../ir/affine.ts";
import { loops, store, zero } from "../ir/build.ts";
import { contraction, type Nest } from "../ir/contraction.ts";
import type { Affine } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { checkAttribute, checkWhole } from "./check.ts";
import { defineOp } from "./op.ts";
import { drawWindows, phasesOf, read, type WindowAttrs, windowsOf } from "./window.ts";

export interface Conv2dAttrs extends WindowAttrs {
  /** The number of groups of channels that are convolved separately; with one per input channel it is depthwise. Default: 1. */
  readonly groups?: number;
}

function windows(x: Shape, w: Shape, attrs: Conv2dAttrs) {
  const [U, V] = dims("conv2d", "w", w, 4);
  return windowsOf("conv2d", x, [U, V], attrs);
}

/** A kernel's window U, V, the channels I and O of one group, and the number of groups. */
function kernelOf(w: Shape, { groups = 1 }: Conv2dAttrs) {
  const [U, V, I, filters] = dims("conv2d", "w", w, 4);
  return { U, V, I, O: filters / groups, G: groups };
}

/**
 * 2-D convolution (cross-correlation) with zero padding.
 *
 *   y[n,r,c,gO+o] = Σ_{u,v,i} x[n, s·r+d·u−p, s·c+d·v−p, gI+i] · w[u,v,i,gO+o]
 *
 * x [N,H,W,G·I] and w [U,V,I,G·O] give y [N,R,C,G·O] in G groups of I input and O output channels; R, C and
 * p as in `windowsOf`, dilation rate d. The gradient of x is gathered: with strides s×s, one convolution for each of the s²
 * phases of x. Same as `tf.nn.conv2d`, which is grouped if w has fewer input channels than x.
 */
export const conv2d = defineOp<Conv2dAttrs>()({
  name: "conv2d",
  inputs: ["x", "w"],
  multilinear: true,

  infer({ x, w }, attrs) {
    const [N, , , channels] = dims("conv2d", "x", x, 4);
    const [, , I, filters] = dims("conv2d", "w", w, 4);
    const { groups = 1 } = attrs;
    checkWhole("conv2d", "groups", groups, 1);
    checkAttribute("conv2d", "groups", groups, channels % groups === 0, `a divisor of the ${channels} input channels`);
    checkAttribute("conv2d", "groups", groups, filters % groups === 0, `a divisor of the ${filters} output channels`);
    if (I !== channels / groups) throw shapeError("conv2d", "input channels of w", I, channels / groups);
    const { rows, columns } = windows(x, w, attrs);
    return [N, rows.output, columns.output, filters];
  },

  forward({ x, w }, y, attrs) {
    const [N, R, C] = dims("conv2d", "y", y.shape, 4);
    const { U, V, I, O, G } = kernelOf(w.shape, attrs);
    const { rows, columns } = windows(x.shape, w.shape, attrs);
    return [
      contraction({ n: N, r: R, c: C, g: G, o: O, u: U, v: V, i: I }, ({ n, r, c, g, o, u, v, i }) => ({
        out: at(y, n, r, c, plus(times(g, O), o)),
        a: at(x, n, read(rows, r, u), read(columns, c, v), plus(times(g, I), i)),
        b: at(w, u, v, i, plus(times(g, O), o)),
      })),
    ];
  },

  backward: {
    x({ x, w }, _y, dy, dx, attrs) {
      const N = x.shape[0]!;
      const { I, O, G } = kernelOf(w.shape, attrs);
      const { rows, columns } = windows(x.shape, w.shape, attrs);
      return phasesOf(rows).flatMap((row) =>
        phasesOf(columns).map((column): Nest => {
          const extents = { n: N, r: row.count, c: column.count, g: G, i: I };
          const place = ({ n, r, c, g, i }: Record<keyof typeof extents, Affine>) =>
            at(dx, n, row.input(r), column.input(c), plus(times(g, I), i));
          if (row.taps * column.taps === 0) return loops(extents, (axes) => store(place(axes), zero));
          return contraction({ ...extents, u: row.taps, v: column.taps, o: O }, ({ u, v, o, ...axes }) => ({
            out: place(axes),
            a: at(dy, axes.n, row.output(axes.r, u), column.output(axes.c, v), plus(times(axes.g, O), o)),
            b: at(w, row.tap(u), column.tap(v), axes.i, plus(times(axes.g, O), o)),
          }));
        }),
      );
    },

    w({ x, w }, _y, dy, dw, attrs) {
      const [N, R, C] = dims("conv2d", "dy", dy.shape, 4);
      const { U, V, I, O, G } = kernelOf(w.shape, attrs);
      const { rows, columns } = windows(x.shape, w.shape, attrs);
      return [
        contraction({ u: U, v: V, i: I, g: G, o: O, n: N, r: R, c: C }, ({ u, v, i, g, o, n, r, c }) => ({
          out: at(dw, u, v, i, plus(times(g, O), o)),
          a: at(x, n, read(rows, r, u), read(columns, c, v), plus(times(g, I), i)),
          b: at(dy, n, r, c, plus(times(g, O), o)),
        })),
      ];
    },
  },

  reference({ x, w }, shapes, y, yShape, attrs) {
    const [, H, W, channels] = dims("conv2d", "x", shapes.x, 4);
    const [U, V, I, filters] = dims("conv2d", "w", shapes.w, 4);
    const [N, R, C] = dims("conv2d", "y", yShape, 4);
    const { rows, columns } = windows(shapes.x, shapes.w, attrs);
    for (let n = 0; n < N; n++)
      for (let r = 0; r < R; r++)
        for (let c = 0; c < C; c++)
          for (let o = 0; o < filters; o++) {
            const first = Math.floor(o / (filters / (attrs.groups ?? 1))) * I;
            let sum = 0;
            for (let u = 0; u < U; u++)
              for (let v = 0; v < V; v++) {
                const row = r * attrs.strides[0] + u * rows.dilation - rows.before;
                const column = c * attrs.strides[1] + v * columns.dilation - columns.before;
                if (row < 0 || row >= H || column < 0 || column >= W) continue;
                for (let i = 0; i < I; i++)
                  sum +=
                    x[((n * H + row) * W + column) * channels + first + i]! * w[((u * V + v) * I + i) * filters + o]!;
              }
            y[((n * R + r) * C + c) * filters + o] = sum;
          }
  },

  samples: [
    { shapes: { x: [2, 8, 8, 1], w: [5, 5, 1, 3] }, attrs: { strides: [1, 1], padding: "same" } },
    { shapes: { x: [2, 9, 7, 3], w: [3, 3, 3, 4] }, attrs: { strides: [2, 2], padding: "valid" } },
    { shapes: { x: [1, 6, 6, 2], w: [2, 4, 2, 8] }, attrs: { strides: [1, 1], padding: "same" } },
    { shapes: { x: [2, 7, 8, 5], w: [3, 2, 5, 17] }, attrs: { strides: [2, 3], padding: "same" } },
    { shapes: { x: [1, 9, 9, 20], w: [1, 1, 20, 12] }, attrs: { strides: [3, 2], padding: "valid" } },
    { shapes: { x: [2, 6, 7, 4], w: [6, 6, 4, 16] }, attrs: { strides: [1, 1], padding: "same" } },
    { shapes: { x: [1, 2, 2, 3], w: [1, 1, 3, 2] }, attrs: { strides: [3, 3], padding: "same" } },
    { shapes: { x: [2, 5, 6, 8], w: [3, 3, 4, 16] }, attrs: { strides: [1, 1], padding: "same", groups: 2 } },
    { shapes: { x: [2, 7, 6, 6], w: [3, 2, 2, 9] }, attrs: { strides: [2, 1], padding: "valid", groups: 3 } },
    { shapes: { x: [2, 6, 5, 16], w: [3, 3, 1, 16] }, attrs: { strides: [1, 1], padding: "same", groups: 16 } },
    { shapes: { x: [1, 7, 7, 5], w: [3, 3, 1, 10] }, attrs: { strides: [2, 2], padding: "same", groups: 5 } },
    {
      shapes: { x: [2, 7, 9, 8], w: [3, 3, 8, 16] },
      attrs: { strides: [1, 1], padding: "same", dilationRate: [2, 2] },
    },
    {
      shapes: { x: [1, 9, 11, 3], w: [3, 2, 3, 5] },
      attrs: { strides: [2, 3], padding: "valid", dilationRate: [2, 4] },
    },
    {
      shapes: { x: [1, 3, 2, 4], w: [2, 3, 4, 8] },
      attrs: {
        strides: [3, 2],
        dilationRate: [6, 1],
        padding: [
          [3, 8],
          [0, 4],
        ],
      },
    },
  ],
  draw(pick) {
    const [U, V, I, G] = [pick(1, 6), pick(1, 6), pick(1, 20), pick(0, 1) ? 1 : pick(2, 5)];
    const { extents, attrs } = drawWindows(pick, [U, V]);
    const w = [U, V, I, G * pick(1, 20)];
    return { shapes: { x: [pick(1, 2), ...extents, G * I], w }, attrs: { ...attrs, groups: G } };
  },
  rejects: [
    {
      shapes: { x: [1, 8, 8, 6], w: [3, 3, 6, 4] },
      attrs: { strides: [1, 1], padding: "same", groups: 2 },
      message: "conv2d: input channels of w is 6, expected 3",
    },
    {
      shapes: { x: [1, 8, 8, 6], w: [3, 3, 1, 4] },
      attrs: { strides: [1, 1], padding: "same", groups: 4 },
      message: "conv2d: groups is 4, expected a divisor of the 6 input channels",
    },
    {
      shapes: { x: [1, 8, 8, 6], w: [3, 3, 2, 4] },
      attrs: { strides: [1, 1], padding: "same", groups: 3 },
      message: "conv2d: groups is 3, expected a divisor of the 4 output channels",
    },
    {
      shapes: { x: [1, 8, 8, 6], w: [3, 3, 6, 4] },
      attrs: { strides: [1, 1], padding: "same", groups: 0 },
      message: "conv2d: groups is 0, expected a whole number of at least 1",
    },
    {
      shapes: { x: [1, 8, 8, 3], w: [3, 3, 1, 4] },
      attrs: { strides: [1, 1], padding: "same" },
      message: "conv2d: input channels of w is 1, expected 3",
    },
    {
      shapes: { x: [1, 4, 8, 1], w: [5, 5, 1, 4] },
      attrs: { strides: [1, 1], padding: "valid" },
      message: 'conv2d: kernel size along the height is 5, expected at most 4 with padding "valid"',
    },
    {
      shapes: { x: [1, 8, 8], w: [3, 3, 1, 4] },
      attrs: { strides: [1, 1], padding: "same" },
      message: "conv2d: rank of x is 3, expected 4",
    },
    {
      shapes: { x: [1, 8, 8, 1], w: [3, 3, 1, 4] },
      attrs: { strides: [0, 1], padding: "same" },
      message: "conv2d: stride along the height is 0, expected a whole number of at least 1",
    },
    {
      shapes: { x: [1, 8, 4, 1], w: [3, 3, 1, 4] },
      attrs: { strides: [1, 1], padding: "valid", dilationRate: [2, 2] },
      message: 'conv2d: extent of the dilated kernel along the width is 5, expected at most 4 with padding "valid"',
    },
    {
      shapes: { x: [1, 8, 8, 1], w: [3, 3, 1, 4] },
      attrs: {
        strides: [1, 1],
        padding: [
          [1, 1],
          [-1, 1],
        ],
      },
      message: "conv2d: padding is -1, expected a whole number from 0 to 65536",
    },
    {
      shapes: { x: [1, 8, 8, 1], w: [2, 2, 1, 4] },
      attrs: { strides: [1, 1], padding: "same", dilationRate: [2 ** 15, 2 ** 15] },
      message: "conv2d: number of values of x with its padding is 1074266176, expected at most 268435456",
    },
  ],
});
