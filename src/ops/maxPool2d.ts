import { dims, type Shape } from "../base/shape.ts";
import { plus, times } from "../ir/affine.ts";
import {
  add,
  block,
  constant,
  define,
  defineEach,
  equal,
  greater,
  load,
  loops,
  max,
  select,
  store,
  zero,
} from "../ir/build.ts";
import type { Stmt, Value, View } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { checkAttribute } from "./check.ts";
import { defineOp } from "./op.ts";
import {
  cellsOf,
  checkPooled,
  cross,
  drawWindows,
  type PoolAttrs,
  range,
  reachedBy,
  read,
  tapsOf,
  type Window,
  windowsOf,
} from "./window.ts";

/** The most positions of a window: its maximum is a statement for each of them. */
const MAX_POSITIONS = 1024;

function windows(x: Shape, attrs: PoolAttrs) {
  const { poolSize } = attrs;
  const positions = poolSize[0] * poolSize[1];
  checkAttribute(
    "maxPool2d",
    "positions of a window",
    positions,
    positions <= MAX_POSITIONS,
    `at most ${MAX_POSITIONS}`,
  );
  return windowsOf("maxPool2d", x, poolSize, attrs);
}

/** The maximum of `taps`, and the number of the first tap that attains it. */
function firstMaximum(taps: readonly (readonly [number, Value])[], body: (m: Value, number: Value) => Stmt): Stmt {
  const step = (k: number, m: Value, first: Value): Stmt => {
    if (k === taps.length) return body(m, first);
    const [number, value] = taps[k]!;
    return define(`x${k}`, value, (x) =>
      define(`first${k}`, select(greater(x, m), constant(number), first), (nextFirst) =>
        define(`max${k}`, max(x, m), (next) => step(k + 1, next, nextFirst)),
      ),
    );
  };
  const [number, value] = taps[0]!;
  return define("x0", value, (x) => step(1, x, constant(number)));
}

/** The windows that contain any of the first `extent` inputs of a cell, as offsets from the cell's index. */
const shiftsOf = (window: Window, extent: number) => [
  ...new Set(range(0, extent).flatMap((phase) => reachedBy(window, phase).map(({ shift }) => shift))),
];

/**
 * The maximum of each window, channel by channel; padding does not count.
 *
 *   y[n,r,c,ch] = max_{u,v} x[n, s·r+d·u−p, s·c+d·v−p, ch]
 *
 * x [N,H,W,C] gives y [N,R,C',C]; R, C' and p as in `windowsOf`, dilation rate d. The gradient goes to the first maximum of
 * each window in row-major order: forward saves its number u·V + v, and each dx is the sum of dy over
 * the windows whose saved number points to it. Same as `tf.nn.max_pool2d`.
 */
export const maxPool2d = defineOp<PoolAttrs>()({
  name: "maxPool2d",
  inputs: ["x"],

  infer({ x }, attrs) {
    const { rows, columns } = windows(x, attrs);
    checkPooled("maxPool2d", { rows, columns });
    return [x[0]!, rows.output, columns.output, x[3]!];
  },

  saves({ x }, attrs) {
    const { rows, columns } = windows(x, attrs);
    return { first: [x[0]!, rows.output, columns.output, x[3]!] };
  },

  forward({ x, first }, y, attrs) {
    const { rows, columns } = windows(x.shape, attrs);
    return cross(tapsOf(rows), tapsOf(columns)).map(([row, column]) =>
      loops({ n: y.shape[0]!, r: row.count, c: column.count, ch: y.shape[3]! }, ({ n, r: i, c: j, ch }) => {
        const [r, c] = [plus(i, row.start), plus(j, column.start)];
        const taps = cross(range(row.from, row.to), range(column.from, column.to)).map(
          ([u, v]) => [u * columns.size + v, load(at(x, n, read(rows, r, u), read(columns, c, v), ch))] as const,
        );
        return firstMaximum(taps, (m, number) =>
          block(store(at(y, n, r, c, ch), m), store(at(first, n, r, c, ch), number)),
        );
      }),
    );
  },

  backward: {
    x({ x, first }, _y, dy, dx, attrs) {
      const { rows, columns } = windows(x.shape, attrs);
      return cross(cellsOf(rows), cellsOf(columns)).map(([row, column]) =>
        loops({ n: dx.shape[0]!, r: row.count, c: column.count, ch: dx.shape[3]! }, ({ n, r: i, c: j, ch }) => {
          const [r, c] = [plus(i, row.start), plus(j, column.start)];
          // Windows before the first or after the last one have zero gradients, from the halo of dy.
          const of = (view: View, up: number, left: number) => load(at(view, n, plus(r, up), plus(c, left), ch));
          const shifts = cross(shiftsOf(rows, row.extent), shiftsOf(columns, column.extent));
          const named = shifts.flatMap(([up, left]) => [
            [`first ${up},${left}`, of(first, up, left)] as const,
            [`dy ${up},${left}`, of(dy, up, left)] as const,
          ]);
          const gradient = (x: Readonly<Record<string, Value>>, a: number, b: number) =>
            cross(reachedBy(rows, a), reachedBy(columns, b)).map(([u, v]) => {
              const window = `${u.shift},${v.shift}`;
              const isFirst = equal(x[`first ${window}`]!, constant(u.tap * columns.size + v.tap));
              return select(isFirst, x[`dy ${window}`]!, zero);
            });
          return defineEach(Object.fromEntries(named), (x) =>
            block(
              ...cross(range(0, row.extent), range(0, column.extent)).map(([a, b]) => {
                const place = at(dx, n, plus(times(r, rows.stride), a), plus(times(c, columns.stride), b), ch);
                const terms = gradient(x, a, b);
                return store(place, terms.length > 0 ? terms.reduce(add) : zero);
              }),
            ),
          );
        }),
      );
    },
  },

  reference({ x }, shapes, y, yShape, attrs) {
    const [, H, W, C] = dims("maxPool2d", "x", shapes.x, 4);
    const [N, R, Cy] = dims("maxPool2d", "y", yShape, 4);
    const { rows, columns } = windows(shapes.x, attrs);
    for (let n = 0; n < N; n++)
      for (let r = 0; r < R; r++)
        for (let c = 0; c < Cy; c++)
          for (let ch = 0; ch < C; ch++) {
            let greatest = -Infinity;
            for (let u = 0; u < attrs.poolSize[0]; u++)
              for (let v = 0; v < attrs.poolSize[1]; v++) {
                const row = r * attrs.strides[0] + u * rows.dilation - rows.before;
                const column = c * attrs.strides[1] + v * columns.dilation - columns.before;
                if (row < 0 || row >= H || column < 0 || column >= W) continue;
                greatest = Math.max(greatest, x[((n * H + row) * W + column) * C + ch]!);
              }
            y[((n * R + r) * Cy + c) * C + ch] = greatest;
          }
  },

  samples: [
    { shapes: { x: [2, 8, 8, 16] }, attrs: { poolSize: [2, 2], strides: [2, 2], padding: "same" } },
    { shapes: { x: [2, 7, 5, 3] }, attrs: { poolSize: [2, 2], strides: [2, 2], padding: "same" } },
    { shapes: { x: [2, 7, 5, 3] }, attrs: { poolSize: [2, 2], strides: [2, 2], padding: "valid" } },
    { shapes: { x: [2, 9, 8, 5] }, attrs: { poolSize: [3, 3], strides: [2, 2], padding: "same" } },
    { shapes: { x: [1, 9, 8, 17] }, attrs: { poolSize: [3, 2], strides: [2, 3], padding: "valid" } },
    { shapes: { x: [2, 5, 6, 4] }, attrs: { poolSize: [3, 3], strides: [1, 1], padding: "same" } },
    { shapes: { x: [1, 9, 9, 1] }, attrs: { poolSize: [3, 2], strides: [3, 3], padding: "same" } },
    { shapes: { x: [1, 8, 9, 2] }, attrs: { poolSize: [1, 3], strides: [3, 1], padding: "valid" } },
    { shapes: { x: [1, 7, 6, 20] }, attrs: { poolSize: [6, 5], strides: [1, 2], padding: "same" } },
    { shapes: { x: [2, 4, 3, 6] }, attrs: { poolSize: [4, 3], strides: [1, 1], padding: "valid" } },
    {
      shapes: { x: [1, 8, 9, 3] },
      attrs: { poolSize: [3, 2], strides: [3, 2], padding: "valid", dilationRate: [2, 3] },
    },
    {
      shapes: { x: [1, 4, 4, 1] },
      attrs: { poolSize: [2, 2], strides: [2, 2], padding: "same" },
      values: { x: [1, 1, 0, 2, 1, 1, 2, 2, 0, -0, -1, -1, 0, 0, -1, -1] },
      gradient: { x: [1, 0, 0, 2, 0, 0, 0, 0, 3, 0, 4, 0, 0, 0, 0, 0] },
    },
    {
      // Four overlapping windows; all elements but the corners are 7.
      shapes: { x: [1, 3, 3, 1] },
      attrs: { poolSize: [2, 2], strides: [1, 1], padding: "valid" },
      values: { x: [0, 7, 0, 7, 7, 7, 0, 7, 0] },
      gradient: { x: [0, 3, 0, 3, 4, 0, 0, 0, 0] },
    },
  ],
  draw(pick) {
    const poolSize = [pick(1, 6), pick(1, 6)] as const;
    const { extents, attrs } = drawWindows(pick, poolSize);
    const x = [pick(1, 2), ...extents, pick(1, 20)];
    return { shapes: { x }, attrs: { ...attrs, poolSize } };
  },
  rejects: [
    {
      shapes: { x: [1, 8, 8] },
      attrs: { poolSize: [2, 2], strides: [2, 2], padding: "same" },
      message: "maxPool2d: rank of x is 3, expected 4",
    },
    {
      shapes: { x: [1, 8, 8, 1] },
      attrs: { poolSize: [0, 2], strides: [2, 2], padding: "same" },
      message: "maxPool2d: kernel size along the height is 0, expected a whole number of at least 1",
    },
    {
      shapes: { x: [1, 8, 8, 1] },
      attrs: { poolSize: [2, 2], strides: [2, 1.5], padding: "same" },
      message: "maxPool2d: stride along the width is 1.5, expected a whole number of at least 1",
    },
    {
      shapes: { x: [1, 3, 8, 1] },
      attrs: { poolSize: [4, 2], strides: [1, 1], padding: "valid" },
      message: 'maxPool2d: kernel size along the height is 4, expected at most 3 with padding "valid"',
    },
    {
      shapes: { x: [1, 8, 8, 1] },
      attrs: { poolSize: [2, 2], strides: [2, 2], padding: "full" as "same" },
      message: 'maxPool2d: padding is "full", expected "same", "valid" or [[top, bottom], [left, right]]',
    },
    {
      shapes: { x: [1, 4, 4, 1] },
      attrs: {
        poolSize: [2, 2],
        strides: [2, 2],
        padding: [
          [0, 0],
          [2, 0],
        ],
      },
      message: "maxPool2d: padding along the width is [2, 0], expected no window that contains padding alone",
    },
  ],
});
