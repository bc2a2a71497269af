import { dims, type Shape } from "../base/shape.ts";
import { plus } from "../ir/affine.ts";
import { constant, div, load, loops, store, zero } from "../ir/build.ts";
import { contraction, type Nest } from "../ir/contraction.ts";
import { at } from "../ir/view.ts";
import { defineOp } from "./op.ts";
import {
  checkPooled,
  cross,
  drawWindows,
  type PoolAttrs,
  phasesOf,
  read,
  type Taps,
  tapsOf,
  windowsOf,
} from "./window.ts";

export interface AveragePool2dAttrs extends PoolAttrs {
  /** Whether the zeros of the padding are counted. Default: false. */
  readonly countIncludePad?: boolean | undefined;
}

const windows = (x: Shape, attrs: AveragePool2dAttrs) => windowsOf("averagePool2d", x, attrs.poolSize, attrs);

const tapsIn = ({ from, to }: Taps): number => to - from;

/** What the sum of a window is divided by. */
const countOf = ({ poolSize, countIncludePad = false }: AveragePool2dAttrs, row: Taps, column: Taps): number =>
  countIncludePad ? poolSize[0] * poolSize[1] : tapsIn(row) * tapsIn(column);

/**
 * The mean of each window, channel by channel; padding does not count, unless `countIncludePad`.
 *
 *   y[n,r,c,ch] = (Σ_{u,v} x[n, s·r+d·u−p, s·c+d·v−p, ch]) / k[r,c]
 *   dx[n,h,w,ch] = Σ_{r,c} dy[n,r,c,ch] / k[r,c],   over the windows that contain h, w
 *
 * x [N,H,W,C] gives y [N,R,C',C]; R, C' and p as in `windowsOf`, dilation rate d; k is the number of taps inside x, or
 * inside x and its padding. Same as `tf.nn.avg_pool2d`, and PyTorch's AvgPool2d with `count_include_pad=False`.
 */
export const averagePool2d = defineOp<AveragePool2dAttrs>()({
  name: "averagePool2d",
  inputs: ["x"],
  multilinear: true,

  infer({ x }, attrs) {
    const { rows, columns } = windows(x, attrs);
    checkPooled("averagePool2d", { rows, columns });
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
          a: at(x, n, read(rows, r, plus(u, row.from)), read(columns, c, plus(v, column.from)), ch),
          finish: (sum) => div(sum, constant(countOf(attrs, row, column))),
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
          return store(at(share, ...place), div(load(at(dy, ...place)), constant(countOf(attrs, row, column))));
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
                const row = r * attrs.strides[0] + u * rows.dilation - rows.before;
                const column = c * attrs.strides[1] + v * columns.dilation - columns.before;
                const isInside = row >= 0 && row < H && column >= 0 && column < W;
                if (isInside) sum += x[((n * H + row) * W + column) * C + ch]!;
                if (isInside || attrs.countIncludePad) count++;
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
    {
      shapes: { x: [1, 5, 8, 3] },
      attrs: {
        poolSize: [3, 2],
        strides: [2, 3],
        padding: [
          [1, 2],
          [0, 1],
        ],
        dilationRate: [1, 2],
        countIncludePad: true,
      },
    },
  ],
  draw(pick) {
    const poolSize = [pick(1, 5), pick(1, 5)] as const;
    const { extents, attrs } = drawWindows(pick, poolSize);
    const x = [pick(1, 2), ...extents, pick(1, 20)];
    return { shapes: { x }, attrs: { ...attrs, poolSize, countIncludePad: pick(0, 1) === 1 } };
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
    {
      shapes: { x: [1, 80, 80, 1] },
      attrs: { poolSize: [70, 80], strides: [1, 1], padding: "same" },
      message:
        "averagePool2d: number of windows with different padding is 5600, expected at most 4096; use a smaller pool size",
    },
  ],
});
