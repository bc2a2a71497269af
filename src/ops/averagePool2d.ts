import { dims, type Shape } from "../base/shape.ts";
import { plus } from "../ir/affine.ts";
import { constant, div, load, loops, store, zero } from "../ir/build.ts";
import { contraction, type Nest } from "../ir/contraction.ts";
import { at } from "../ir/view.ts";
import { defineOp } from "./op.ts";
import { cross, type Padding, phasesOf, read, slide, type Taps, tapsOf } from "./window.ts";

export interface AveragePool2dAttrs {
  readonly poolSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: Padding;
}

function windows(x: Shape, { poolSize, strides, padding }: AveragePool2dAttrs) {
  const [, H, W] = dims("averagePool2d", "x", x, 4);
  return {
    rows: slide("averagePool2d", "height", H, poolSize[0], strides[0], padding),
    columns: slide("averagePool2d", "width", W, poolSize[1], strides[1], padding),
  };
}

const tapsIn = ({ from, to }: Taps): number => to - from;

/**
 * The mean of each window, channel by channel; padding does not count.
 *
 *   y[n,r,c,ch] = (Σ_{u,v} x[n, s·r+u−p, s·c+v−p, ch]) / k[r,c]
 *   dx[n,h,w,ch] = Σ_{r,c} dy[n,r,c,ch] / k[r,c],   over the windows that contain h, w
 *
 * x [N,H,W,C] gives y [N,R,C',C]; R, C' and p as in `slide`; k is the number of taps inside x. Same as
 * `tf.nn.avg_pool2d`, and PyTorch's AvgPool2d with `count_include_pad=False`.
 */
export const averagePool2d = defineOp<AveragePool2dAttrs>()({
  name: "averagePool2d",
  inputs: ["x"],
  multilinear: true,

  infer({ x }, attrs) {
    const { rows, columns } = windows(x, attrs);
    return [x[0]!, rows.output, columns.output, x[3]!];
  },

  scratch({ x }, attrs) {
    const { rows, columns } = windows(x, attrs);
    return { share: [x[0]!, rows.output, columns.output, x[3]!] };
  },

  forward({ x }, y, attrs) {
    const { rows, columns } = windows(x.shape, attrs);
    return cross(tapsOf(rows), tapsOf(columns)).map(([row, column]) => {
      const outputs = { n: y.shape[0]!, r: row.count, c: column.count, ch: y.shape[3]! };
      return contraction({ ...outputs, u: tapsIn(row), v: tapsIn(column) }, ({ n, r: i, c: j, ch, u, v }) => {
        const [r, c] = [plus(i, row.start), plus(j, column.start)];
        return {
          out: at(y, n, r, c, ch),
          a: at(x, n, plus(read(rows, r, u), row.from), plus(read(columns, c, v), column.from), ch),
          finish: (sum) => div(sum, constant(tapsIn(row) * tapsIn(column))),
        };
      });
    });
  },

  backward: {
    x({ x, share }, _y, dy, dx, attrs) {
      const { rows, columns } = windows(x.shape, attrs);
      const [N, , , C] = dims("averagePool2d", "x", x.shape, 4);
      const shares = cross(tapsOf(rows), tapsOf(columns)).map(([row, column]) =>
        loops({ n: N, r: row.count, c: column.count, ch: C }, ({ n, r, c, ch }) => {
          const place = [n, plus(r, row.start), plus(c, column.start), ch];
          return store(at(share, ...place), div(load(at(dy, ...place)), constant(tapsIn(row) * tapsIn(column))));
        }),
      );
      const gathered = cross(phasesOf(rows), phasesOf(columns)).map(([row, column]): Nest => {
        const extents = { n: N, r: row.count, c: column.count, ch: C };
        if (row.taps * column.taps === 0)
          return loops(extents, ({ n, r, c, ch }) => store(at(dx, n, row.input(r), column.input(c), ch), zero));
        return contraction({ ...extents, u: row.taps, v: column.taps }, ({ n, r, c, ch, u, v }) => ({
          out: at(dx, n, row.input(r), column.input(c), ch),
          a: at(share, n, row.output(r, u), column.output(c, v), ch),
        }));
      });
      return [...shares, ...gathered];
    },
  },

  reference({ x }, shapes, y, yShape, attrs) {
    const [, H, W, C] = dims("averagePool2d", "x", shapes.x, 4);
    const [N, R, Cy] = dims("averagePool2d", "y", yShape, 4);
    const { rows, columns } = windows(shapes.x, attrs);
    for (let n = 0; n < N; n++)
      for (let r = 0; r < R; r++)
        for (let c = 0; c < Cy; c++)
          for (let ch = 0; ch < C; ch++) {
            let [sum, count] = [0, 0];
            for (let u = 0; u < attrs.poolSize[0]; u++)
              for (let v = 0; v < attrs.poolSize[1]; v++) {
                const row = r * attrs.strides[0] + u - rows.before;
                const column = c * attrs.strides[1] + v - columns.before;
                if (row < 0 || row >= H || column < 0 || column >= W) continue;
                sum += x[((n * H + row) * W + column) * C + ch]!;
                count++;
              }
            y[((n * R + r) * Cy + c) * C + ch] = sum / count;
          }
  },

  samples: [
    { shapes: { x: [2, 8, 8, 16] }, attrs: { poolSize: [2, 2], strides: [2, 2], padding: "same" } },
    { shapes: { x: [2, 7, 5, 3] }, attrs: { poolSize: [2, 2], strides: [2, 2], padding: "same" } },
    { shapes: { x: [2, 7, 5, 3] }, attrs: { poolSize: [2, 2], strides: [2, 2], padding: "valid" } },
    { shapes: { x: [2, 5, 6, 4] }, attrs: { poolSize: [3, 3], strides: [1, 1], padding: "same" } },
    { shapes: { x: [1, 9, 8, 17] }, attrs: { poolSize: [3, 2], strides: [2, 3], padding: "valid" } },
    { shapes: { x: [1, 8, 9, 2] }, attrs: { poolSize: [1, 3], strides: [3, 1], padding: "same" } },
    { shapes: { x: [2, 4, 3, 6] }, attrs: { poolSize: [4, 3], strides: [1, 1], padding: "valid" } },
  ],
  draw(pick) {
    const poolSize = [pick(1, 5), pick(1, 5)] as const;
    const strides = [pick(1, 3), pick(1, 3)] as const;
    const x = [pick(1, 2), poolSize[0] + pick(0, 4), poolSize[1] + pick(0, 4), pick(1, 20)];
    return { shapes: { x }, attrs: { poolSize, strides, padding: pick(0, 1) ? "same" : "valid" } };
  },
  rejects: [
    {
      shapes: { x: [1, 8, 8] },
      attrs: { poolSize: [2, 2], strides: [2, 2], padding: "same" },
      message: "averagePool2d: rank of x is 3, expected 4",
    },
    {
      shapes: { x: [1, 8, 8, 1] },
      attrs: { poolSize: [2, 0], strides: [2, 2], padding: "same" },
      message: "averagePool2d: kernel size along the width is 0, expected a whole number of at least 1",
    },
    {
      shapes: { x: [1, 8, 8, 1] },
      attrs: { poolSize: [2, 2], strides: [0, 2], padding: "same" },
      message: "averagePool2d: stride along the height is 0, expected a whole number of at least 1",
    },
    {
      shapes: { x: [1, 3, 8, 1] },
      attrs: { poolSize: [4, 2], strides: [1, 1], padding: "valid" },
      message: 'averagePool2d: kernel size along the height is 4, expected at most 3 with padding "valid"',
    },
  ],
});
