import { type Shape, shapeError } from "../base/shape.ts";
import { block, constant, div, elementwise, load, loops, max, mul, store, sub } from "../ir/build.ts";
import { contraction } from "../ir/contraction.ts";
import { exp } from "../ir/math.ts";
import type { Affine, Value } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { checkAttribute, checkFinite } from "./check.ts";
import { defineOp } from "./op.ts";

/** Extents of all axes but the last, n first. */
const rowsOf = (x: Shape): Record<string, number> =>
  Object.fromEntries(x.slice(0, -1).map((extent, d) => [d === 0 ? "n" : `d${d}`, extent]));

export interface SoftmaxAttrs {
  /** Above 1, probabilities are more alike; below 1, less. Default: 1. */
  readonly temperature?: number;
}

/** x / temperature; nothing is computed at 1. */
const cooled = (x: Value, temperature = 1): Value => (temperature === 1 ? x : div(x, constant(temperature)));

/**
 * Softmax over the last axis, at a temperature T.
 *
 *   y[n,…,k] = exp((x[n,…,k] − m) / T) / Σ_j exp((x[n,…,j] − m) / T),   m = max_j x[n,…,j]
 *   dx[n,…,k] = y[n,…,k] · (dy[n,…,k] − Σ_j dy[n,…,j]·y[n,…,j]) / T
 *
 * x [N,…,K] gives y of the same shape. Subtracting the maximum keeps exponentials from overflowing. Same as `tf.nn.softmax` of x / T.
 */
export const softmax = defineOp<SoftmaxAttrs>()({
  name: "softmax",
  inputs: ["x"],

  infer({ x }, { temperature = 1 }) {
    if (x.length < 2) throw shapeError("softmax", "rank of x", x.length, "at least 2");
    checkFinite("softmax", "temperature", temperature);
    checkAttribute("softmax", "temperature", temperature, temperature > 0, "a number above 0");
    return x;
  },

  scratch: ({ x }) => ({ greatest: x.slice(0, -1), total: x.slice(0, -1) }),

  forward({ x, greatest, total }, y, { temperature }) {
    const [rows, K] = [rowsOf(x.shape), x.shape.at(-1)!];
    return [
      loops(rows, (axes) => {
        const row = Object.values<Affine>(axes);
        const m = at(greatest, ...row);
        return block(
          store(m, load(at(x, ...row, 0))),
          loops({ k: K }, ({ k }) => store(m, max(load(at(x, ...row, k)), load(m)))),
        );
      }),
      elementwise(y, (i) => exp(cooled(sub(load(at(x, ...i)), load(at(greatest, ...i.slice(0, -1)))), temperature))),
      contraction({ ...rows, k: K }, (axes) => {
        const i = Object.values<Affine>(axes);
        return { out: at(total, ...i.slice(0, -1)), a: at(y, ...i) };
      }),
      elementwise(y, (i) => div(load(at(y, ...i)), load(at(total, ...i.slice(0, -1))))),
    ];
  },

  backward: {
    x({ total }, y, dy, dx, { temperature }) {
      const extents = { ...rowsOf(dx.shape), k: dx.shape.at(-1)! };
      return [
        contraction(extents, (axes) => {
          const i = Object.values<Affine>(axes);
          return { out: at(total, ...i.slice(0, -1)), a: at(dy, ...i), b: at(y, ...i) };
        }),
        elementwise(dx, (i) =>
          cooled(mul(load(at(y, ...i)), sub(load(at(dy, ...i)), load(at(total, ...i.slice(0, -1))))), temperature),
        ),
      ];
    },
  },

  reference({ x }, shapes, y, _yShape, { temperature = 1 }) {
    const K = shapes.x.at(-1)!;
    for (let first = 0; first < x.length; first += K) {
      const row = x.subarray(first, first + K);
      const m = Math.max(...row);
      const total = row.reduce((sum, value) => sum + Math.exp((value - m) / temperature), 0);
      row.forEach((value, k) => {
        y[first + k] = Math.exp((value - m) / temperature) / total;
      });
    }
  },

  samples: [
    { shapes: { x: [3, 10] }, attrs: {} },
    { shapes: { x: [2, 1] }, attrs: {} },
    { shapes: { x: [2, 33] }, attrs: {} },
    { shapes: { x: [3, 7] }, attrs: { temperature: 1.7 } },
    { shapes: { x: [2, 5] }, attrs: { temperature: 0.3 } },
    { shapes: { x: [2, 3, 2, 5] }, attrs: {} },
    { shapes: { x: [4, 3] }, attrs: {}, values: { x: [1e4, -1e4, 0, 1e4, 1e4, 0, -1e4, -1e4, -1e4, 5, 5, 4] } },
  ],
  rejects: [
    { shapes: { x: [3] }, attrs: {}, message: "softmax: rank of x is 1, expected at least 2" },
    {
      shapes: { x: [3, 4] },
      attrs: { temperature: 0 },
      message: "softmax: temperature is 0, expected a number above 0",
    },
  ],
});
