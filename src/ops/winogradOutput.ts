import { dims, shapeError } from "../base/shape.ts";
import { defineOp } from "./op.ts";
import { checkTile, fromPoints, type Sliding, toPoints, winograd } from "./winograd.ts";

export interface WinogradOutputAttrs {
  /** The extents of the kernel, of the outputs of one tile, and of all outputs. */
  readonly kernel: readonly [number, number];
  readonly tile: readonly [number, number];
  readonly output: readonly [number, number];
}

/** Adjacent tiles of m outputs; whatever part of the last one lies beyond the outputs is dropped. */
function slidingOf({ kernel, tile, output }: WinogradOutputAttrs): readonly [Sliding, Sliding] {
  const axis = (d: 0 | 1): Sliding => {
    const m = tile[d];
    const apart = { stride: m, dilation: 1, before: 0, after: 0 };
    const window = { input: output[d], size: m, output: Math.ceil(output[d] / m), ...apart };
    return { window, points: winograd(m, kernel[d]).output };
  };
  return [axis(0), axis(1)];
}

/**
 * The outputs of a convolution from its transformed tiles: y = Aᵀ·q·A for each tile.
 *
 * q [N,P,R,C,O] gives y [N,H,W,O].
 */
export const winogradOutput = defineOp<WinogradOutputAttrs>()({
  name: "winogradOutput",
  inputs: ["q"],
  cancels: true,

  infer({ q }, attrs) {
    checkTile("winogradOutput", attrs.tile, attrs.kernel);
    const [N, P, R, C, O] = dims("winogradOutput", "q", q, 5);
    const [rows, columns] = slidingOf(attrs);
    const points = rows.points.length * columns.points.length;
    if (P !== points) throw shapeError("winogradOutput", "points of q", P, points);
    if (R !== rows.window.output) throw shapeError("winogradOutput", "rows of q", R, rows.window.output);
    if (C !== columns.window.output) throw shapeError("winogradOutput", "columns of q", C, columns.window.output);
    return [N, ...attrs.output, O];
  },

  scratch({ q }, attrs) {
    const [N, , , C, O] = dims("winogradOutput", "q", q, 5);
    const [rows, columns] = slidingOf(attrs);
    return {
      row: [N, rows.points.length, columns.window.input, O],
      cell: [N, rows.window.stride, columns.points.length, C, O],
    };
  },

  forward: ({ q, cell }, y, attrs) => [fromPoints(q, y, cell, ...slidingOf(attrs))],

  backward: {
    q: ({ row }, _y, dy, dq, attrs) => [toPoints(dy, dq, row, ...slidingOf(attrs))],
  },

  reference({ q }, shapes, y, yShape, attrs) {
    const [, P, R, C, O] = dims("winogradOutput", "q", shapes.q, 5);
    const [N, H, W] = dims("winogradOutput", "y", yShape, 4);
    const [rows, columns] = slidingOf(attrs);
    let at = 0;
    for (let n = 0; n < N; n++)
      for (let h = 0; h < H; h++)
        for (let w = 0; w < W; w++)
          for (let o = 0; o < O; o++) {
            const [r, c] = [Math.floor(h / attrs.tile[0]), Math.floor(w / attrs.tile[1])];
            let sum = 0;
            for (let p = 0; p < P; p++) {
              const alongRow = rows.points[Math.floor(p / columns.points.length)]!;
              const alongColumn = columns.points[p % columns.points.length]!;
              const factor = alongRow[h % attrs.tile[0]]! * alongColumn[w % attrs.tile[1]]!;
              sum += factor * q[(((n * P + p) * R + r) * C + c) * O + o]!;
            }
            y[at++] = sum;
          }
  },

  samples: [
    { shapes: { q: [2, 36, 4, 4, 16] }, attrs: { kernel: [5, 5], tile: [2, 2], output: [8, 8] } },
    { shapes: { q: [1, 36, 2, 3, 5] }, attrs: { kernel: [3, 3], tile: [4, 4], output: [7, 9] } },
    { shapes: { q: [1, 24, 4, 3, 3] }, attrs: { kernel: [3, 5], tile: [2, 2], output: [7, 5] } },
    { shapes: { q: [2, 24, 2, 3, 8] }, attrs: { kernel: [3, 3], tile: [2, 4], output: [4, 11] } },
    { shapes: { q: [1, 64, 3, 2, 4] }, attrs: { kernel: [5, 5], tile: [4, 4], output: [9, 6] } },
    { shapes: { q: [2, 48, 1, 1, 3] }, attrs: { kernel: [3, 5], tile: [4, 4], output: [4, 3] } },
  ],
  rejects: [
    {
      shapes: { q: [1, 100, 1, 1, 8] },
      attrs: { kernel: [5, 5], tile: [6, 6], output: [4, 4] },
      message: "winogradOutput: tile along the height is 6, expected a whole number from 1 to 4",
    },
    {
      shapes: { q: [1, 16, 2, 2, 8] },
      attrs: { kernel: [5, 5], tile: [2, 2], output: [4, 4] },
      message: "winogradOutput: points of q is 16, expected 36",
    },
    {
      shapes: { q: [1, 16, 3, 2, 8] },
      attrs: { kernel: [3, 3], tile: [2, 2], output: [4, 4] },
      message: "winogradOutput: rows of q is 3, expected 2",
    },
    {
      shapes: { q: [1, 16, 2, 1, 8] },
      attrs: { kernel: [3, 3], tile: [2, 2], output: [4, 4] },
      message: "winogradOutput: columns of q is 1, expected 2",
    },
  ],
});
