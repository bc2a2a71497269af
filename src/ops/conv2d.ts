import { plus, times } from "../ir/affine.ts";
import { loops, store, zero } from "../ir/build.ts";
import { contraction, type Nest } from "../ir/contraction.ts";
import type { Affine } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { dims, type Shape, shapeError } from "../tensor/shape.ts";
import { defineOp } from "./op.ts";
import { type Padding, slide, type Window } from "./window.ts";

export interface Conv2dAttrs {
  readonly strides: readonly [number, number];
  readonly padding: Padding;
}

function windows(x: Shape, w: Shape, { strides, padding }: Conv2dAttrs) {
  const [, H, W] = dims("conv2d", "x", x, 4);
  const [U, V] = dims("conv2d", "w", w, 4);
  return {
    rows: slide("conv2d", "height", H, U, strides[0], padding),
    columns: slide("conv2d", "width", W, V, strides[1], padding),
  };
}

/** Where output r and tap u read the input; outside of it there are zeros. */
const read = (window: Window, r: Affine, u: Affine) => plus(times(r, window.stride), u, -window.before);

/**
 * The inputs stride·i + phase of one axis, whose gradients meet the same taps:
 *
 *   stride·r + u − before = stride·i + phase   ⇔   u = first + stride·t, r = i + shift − t
 */
function phasesOf({ input, size, stride, before }: Window) {
  return Array.from({ length: Math.min(stride, input) }, (_, phase) => {
    const first = (phase + before) % stride;
    const taps = Math.max(0, Math.ceil((size - first) / stride));
    const shift = (phase + before - first) / stride;
    return {
      count: Math.ceil((input - phase) / stride),
      taps,
      input: (i: Affine) => plus(times(i, stride), phase),
      // t runs backwards, so that dy is read forwards.
      output: (i: Affine, t: Affine) => plus(i, t, shift - taps + 1),
      tap: (t: Affine) => plus(first + stride * (taps - 1), times(t, -stride)),
    };
  });
}

/**
 * 2-D convolution (cross-correlation) with zero padding.
 *
 *   y[n,r,c,o] = Σ_{u,v,i} x[n, s·r+u−p, s·c+v−p, i] · w[u,v,i,o]
 *
 * x [N,H,W,I] and w [U,V,I,O] give y [N,R,C,O]; R, C and p as in `slide`. The gradient of x is gathered:
 * with strides s×s, one convolution for each of the s² phases of x. As `tf.nn.conv2d`.
 */
export const conv2d = defineOp<Conv2dAttrs>()({
  name: "conv2d",
  inputs: ["x", "w"],
  multilinear: true,

  infer({ x, w }, attrs) {
    const [N, , , I] = dims("conv2d", "x", x, 4);
    const [, , Iw, O] = dims("conv2d", "w", w, 4);
    if (Iw !== I) throw shapeError("conv2d", "input channels of w", Iw, I);
    const { rows, columns } = windows(x, w, attrs);
    return [N, rows.output, columns.output, O];
  },

  forward({ x, w }, y, attrs) {
    const [N, R, C, O] = dims("conv2d", "y", y.shape, 4);
    const [U, V, I] = dims("conv2d", "w", w.shape, 4);
    const { rows, columns } = windows(x.shape, w.shape, attrs);
    return [
      contraction({ n: N, r: R, c: C, o: O, u: U, v: V, i: I }, ({ n, r, c, o, u, v, i }) => ({
        out: at(y, n, r, c, o),
        a: at(x, n, read(rows, r, u), read(columns, c, v), i),
        b: at(w, u, v, i, o),
      })),
    ];
  },

  backward: {
    x({ x, w }, _y, dy, dx, attrs) {
      const [N, , , I] = dims("conv2d", "x", x.shape, 4);
      const O = w.shape[3]!;
      const { rows, columns } = windows(x.shape, w.shape, attrs);
      return phasesOf(rows).flatMap((row) =>
        phasesOf(columns).map((column): Nest => {
          const extents = { n: N, r: row.count, c: column.count, i: I };
          if (row.taps * column.taps === 0)
            return loops(extents, ({ n, r, c, i }) => store(at(dx, n, row.input(r), column.input(c), i), zero));
          return contraction({ ...extents, u: row.taps, v: column.taps, o: O }, ({ n, r, c, i, u, v, o }) => ({
            out: at(dx, n, row.input(r), column.input(c), i),
            a: at(dy, n, row.output(r, u), column.output(c, v), o),
            b: at(w, row.tap(u), column.tap(v), i, o),
          }));
        }),
      );
    },

    w({ x, w }, _y, dy, dw, attrs) {
      const [N, R, C, O] = dims("conv2d", "dy", dy.shape, 4);
      const [U, V, I] = dims("conv2d", "w", w.shape, 4);
      const { rows, columns } = windows(x.shape, w.shape, attrs);
      return [
        contraction({ u: U, v: V, i: I, o: O, n: N, r: R, c: C }, ({ u, v, i, o, n, r, c }) => ({
          out: at(dw, u, v, i, o),
          a: at(x, n, read(rows, r, u), read(columns, c, v), i),
          b: at(dy, n, r, c, o),
        })),
      ];
    },
  },

  reference({ x, w }, shapes, y, yShape, attrs) {
    const [, H, W, I] = dims("conv2d", "x", shapes.x, 4);
    const [U, V] = dims("conv2d", "w", shapes.w, 4);
    const [N, R, C, O] = dims("conv2d", "y", yShape, 4);
    const { rows, columns } = windows(shapes.x, shapes.w, attrs);
    for (let n = 0; n < N; n++)
      for (let r = 0; r < R; r++)
        for (let c = 0; c < C; c++)
          for (let o = 0; o < O; o++) {
            let sum = 0;
            for (let u = 0; u < U; u++)
              for (let v = 0; v < V; v++) {
                const row = r * attrs.strides[0] + u - rows.before;
                const column = c * attrs.strides[1] + v - columns.before;
                if (row < 0 || row >= H || column < 0 || column >= W) continue;
                for (let i = 0; i < I; i++)
                  sum += x[((n * H + row) * W + column) * I + i]! * w[((u * V + v) * I + i) * O + o]!;
              }
            y[((n * R + r) * C + c) * O + o] = sum;
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
  ],
  draw(pick) {
    const [U, V, I] = [pick(1, 6), pick(1, 6), pick(1, 20)];
    const strides = [pick(1, 3), pick(1, 3)] as const;
    const x = [pick(1, 2), U + pick(0, 4), V + pick(0, 4), I];
    return { shapes: { x, w: [U, V, I, pick(1, 20)] }, attrs: { strides, padding: pick(0, 1) ? "same" : "valid" } };
  },
  rejects: [
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
  ],
});
