import { dims, type Shape } from "../base/shape.ts";
import { defineOp } from "./op.ts";
import { type Padding, type Window, windowsOf } from "./window.ts";
import { checkTile, fromPoints, type Sliding, toPoints, winograd } from "./winograd.ts";

export interface WinogradAttrs {
  /** The kernel's extents, and those of the outputs of one tile. */
  readonly kernel: readonly [number, number];
  readonly tile: readonly [number, number];
  readonly padding: Padding;
}

/** Windows of m + r − 1 inputs for m outputs each; that of the last tile may extend beyond the padding. */
function slidingOf(x: Shape, { kernel, tile, padding }: WinogradAttrs): readonly [Sliding, Sliding] {
  const { rows, columns } = windowsOf("winogradInput", x, kernel, { strides: [1, 1], padding });
  const tiles = (window: Window, m: number): Sliding => ({
    window: { ...window, size: m + window.size - 1, output: Math.ceil(window.output / m), stride: m },
    points: winograd(m, window.size).input,
  });
  return [tiles(rows, tile[0]), tiles(columns, tile[1])];
}

/**
 * Transforms the tiles of a convolution's input: v = Bᵀ·x·B for each tile, at P points.
 *
 * x [N,H,W,I] gives v [N,P,R,C,I] for R × C tiles.
 */
export const winogradInput = defineOp<WinogradAttrs>()({
  name: "winogradInput",
  inputs: ["x"],
  cancels: true,

  infer({ x }, attrs) {
    checkTile("winogradInput", attrs.tile, attrs.kernel);
    const [N, , , I] = dims("winogradInput", "x", x, 4);
    const [rows, columns] = slidingOf(x, attrs);
    return [N, rows.points.length * columns.points.length, rows.window.output, columns.window.output, I];
  },

  scratch({ x }, attrs) {
    const [N, , W, I] = dims("winogradInput", "x", x, 4);
    const [rows, columns] = slidingOf(x, attrs);
    return {
      row: [N, rows.points.length, W, I],
      cell: [N, rows.window.stride, columns.points.length, columns.window.output, I],
    };
  },

  forward: ({ x, row }, v, attrs) => [toPoints(x, v, row, ...slidingOf(x.shape, attrs))],

  backward: {
    x: ({ x, cell }, _v, dv, dx, attrs) => [fromPoints(dv, dx, cell, ...slidingOf(x.shape, attrs))],
  },

  reference({ x }, shapes, v, [, , R, C], attrs) {
    const [N, H, W, I] = dims("winogradInput", "x", shapes.x, 4);
    const [rows, columns] = slidingOf(shapes.x, attrs);
    let at = 0;
    for (let n = 0; n < N; n++)
      for (const alongRow of rows.points)
        for (const alongColumn of columns.points)
          for (let r = 0; r < R!; r++)
            for (let c = 0; c < C!; c++)
              for (let i = 0; i < I; i++) {
                let sum = 0;
                for (const [k, a] of alongRow.entries())
                  for (const [l, b] of alongColumn.entries()) {
                    const h = rows.window.stride * r + k - rows.window.before;
                    const w = columns.window.stride * c + l - columns.window.before;
                    if (h >= 0 && h < H && w >= 0 && w < W) sum += a * b * x[((n * H + h) * W + w) * I + i]!;
                  }
                v[at++] = sum;
              }
  },

  samples: [
    { shapes: { x: [2, 8, 8, 16] }, attrs: { kernel: [5, 5], tile: [2, 2], padding: "same" } },
    { shapes: { x: [1, 7, 9, 5] }, attrs: { kernel: [3, 3], tile: [4, 4], padding: "same" } },
    { shapes: { x: [1, 7, 6, 3] }, attrs: { kernel: [3, 5], tile: [2, 2], padding: "valid" } },
    { shapes: { x: [2, 3, 11, 8] }, attrs: { kernel: [3, 3], tile: [2, 4], padding: "valid" } },
    { shapes: { x: [1, 9, 6, 4] }, attrs: { kernel: [5, 5], tile: [4, 4], padding: "same" } },
    { shapes: { x: [2, 6, 7, 3] }, attrs: { kernel: [3, 5], tile: [4, 4], padding: "valid" } },
  ],
  rejects: [
    {
      shapes: { x: [1, 8, 8, 4] },
      attrs: { kernel: [3, 3], tile: [8, 2], padding: "same" },
      message: "winogradInput: tile along the height is 8, expected a whole number from 1 to 6",
    },
    {
      shapes: { x: [1, 4, 8, 4] },
      attrs: { kernel: [5, 5], tile: [2, 2], padding: "valid" },
      message: 'winogradInput: kernel size along the height is 5, expected at most 4 with padding "valid"',
    },
  ],
});
