import { dims, type Shape } from "../base/shape.ts";
import { block, load, loops, store } from "../ir/build.ts";
import type { Affine, Stmt, View } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { defineOp } from "./op.ts";
import { range } from "./window.ts";
import { checkTile, combine, defineAll, type Matrix, transform, winograd } from "./winograd.ts";

export interface WinogradKernelAttrs {
  /** The extents of the outputs of one tile. */
  readonly tile: readonly [number, number];
}

const matricesOf = (w: Shape, { tile }: WinogradKernelAttrs): readonly [Matrix, Matrix] => [
  winograd(tile[0], w[0]!).kernel,
  winograd(tile[1], w[1]!).kernel,
];

const column = (matrix: Matrix, k: number): readonly number[] => matrix.map((row) => row[k]!);

/** A statement for each pair of an input and an output channel. */
const eachKernel = (w: View, body: (i: Affine, o: Affine) => Stmt): Stmt =>
  loops({ i: w.shape[2]!, o: w.shape[3]! }, ({ i, o }) => body(i, o));

/**
 * Transforms the kernels of a convolution: u = G·w·Gᵀ for each kernel, at P points.
 *
 * w [U,V,I,O] gives u [P,I,O], which belongs to the batch as a whole.
 */
export const winogradKernel = defineOp<WinogradKernelAttrs>()({
  name: "winogradKernel",
  inputs: ["w"],
  output: "batch",
  cancels: true,

  infer({ w }, attrs) {
    const [K, L, I, O] = dims("winogradKernel", "w", w, 4);
    checkTile("winogradKernel", attrs.tile, [K, L]);
    const [rows, columns] = matricesOf(w, attrs);
    return [rows.length * columns.length, I, O];
  },

  forward({ w }, u, attrs) {
    const [rows, columns] = matricesOf(w.shape, attrs);
    const [K, L] = w.shape as [number, number];
    const pointsOfRow = (a: number, i: Affine, o: Affine): Stmt => {
      const taps = (l: number) => range(0, K).map((k) => load(at(w, k, l, i, o)));
      const alongRows = range(0, L).map((l) => combine(rows[a]!, taps(l)));
      return transform(columns, "w", alongRows, (b, value) => store(at(u, columns.length * a + b, i, o), value));
    };
    return [eachKernel(w, (i, o) => block(...rows.map((_, a) => pointsOfRow(a, i, o))))];
  },

  backward: {
    w({ w }, _u, du, dw, attrs) {
      const [rows, columns] = matricesOf(w.shape, attrs);
      const [K, L] = w.shape as [number, number];
      const tapsOfRow = (k: number, i: Affine, o: Affine): Stmt => {
        const points = (b: number) => rows.map((_, a) => load(at(du, columns.length * a + b, i, o)));
        const alongRows = columns.map((_, b) => combine(column(rows, k), points(b)));
        return defineAll("u", alongRows, (named) =>
          block(...range(0, L).map((l) => store(at(dw, k, l, i, o), combine(column(columns, l), named)))),
        );
      };
      return [eachKernel(w, (i, o) => block(...range(0, K).map((k) => tapsOfRow(k, i, o))))];
    },
  },

  reference({ w }, shapes, u, _uShape, attrs) {
    const [K, L, I, O] = dims("winogradKernel", "w", shapes.w, 4);
    const [rows, columns] = matricesOf(shapes.w, attrs);
    let at = 0;
    for (const row of rows)
      for (const alongColumn of columns)
        for (let io = 0; io < I * O; io++) {
          let sum = 0;
          for (let k = 0; k < K; k++)
            for (let l = 0; l < L; l++) sum += row[k]! * alongColumn[l]! * w[(k * L + l) * I * O + io]!;
          u[at++] = sum;
        }
  },

  samples: [
    { shapes: { w: [5, 5, 3, 16] }, attrs: { tile: [2, 2] } },
    { shapes: { w: [3, 3, 2, 5] }, attrs: { tile: [4, 4] } },
    { shapes: { w: [3, 5, 1, 8] }, attrs: { tile: [2, 2] } },
    { shapes: { w: [3, 3, 4, 12] }, attrs: { tile: [4, 2] } },
    { shapes: { w: [5, 5, 2, 7] }, attrs: { tile: [4, 4] } },
    { shapes: { w: [3, 5, 3, 4] }, attrs: { tile: [4, 4] } },
  ],
  rejects: [
    {
      shapes: { w: [5, 5, 2, 7] },
      attrs: { tile: [4, 5] },
      message: "winogradKernel: tile along the width is 5, expected a whole number from 1 to 4",
    },
    { shapes: { w: [5, 5, 2] }, attrs: { tile: [4, 4] }, message: "winogradKernel: rank of w is 3, expected 4" },
  ],
});
