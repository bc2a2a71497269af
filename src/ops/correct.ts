import { dims, shapeError } from "../base/shape.ts";
import { block, equal, greater, indexValue, load, loops, max, one, select, store, zero } from "../ir/build.ts";
import { at } from "../ir/view.ts";
import { defineOp } from "./op.ts";

/**
 * Whether each sample's class is predicted: y[n] = 1 if the first maximum of x[n,·] is at label[n], else 0.
 *
 * x [N,K] are logits, label [N] are classes 0 … K−1, and y is [N]; its mean is the accuracy. Same as
 * `tf.equal(tf.argmax(x, 1), label)`.
 */
export const correct = defineOp()({
  name: "correct",
  inputs: ["x", "label"],
  types: { label: "u32" },

  infer({ x, label }) {
    const [N] = dims("correct", "x", x, 2);
    const [L] = dims("correct", "label", label, 1);
    if (L !== N) throw shapeError("correct", "length of label", L, N);
    return [N];
  },

  scratch: ({ label }) => ({ greatest: label }),

  forward({ x, label, greatest }, y) {
    const [N, K] = dims("correct", "x", x.shape, 2);
    return [
      loops({ n: N }, ({ n }) => {
        const [m, hit, l] = [at(greatest, n), at(y, n), load(at(label, n))];
        return block(
          store(m, load(at(x, n, 0))),
          store(hit, select(equal(l, indexValue(0)), one, zero)),
          loops({ k: K }, ({ k }) => {
            const logit = load(at(x, n, k));
            const hitHere = select(equal(l, indexValue(k)), one, zero);
            return block(
              store(hit, select(greater(logit, load(m)), hitHere, load(hit))),
              store(m, max(logit, load(m))),
            );
          }),
        );
      }),
    ];
  },

  backward: { x: null, label: null },

  reference({ x, label }, shapes, y) {
    const [N, K] = dims("correct", "x", shapes.x, 2);
    for (let n = 0; n < N; n++) {
      const row = x.subarray(n * K, (n + 1) * K);
      y[n] = row.indexOf(Math.max(...row)) === label[n] ? 1 : 0;
    }
  },

  samples: [
    { shapes: { x: [5, 3], label: [5] }, attrs: {}, values: { label: [0, 1, 2, 0, 1] } },
    { shapes: { x: [2, 1], label: [2] }, attrs: {}, values: { label: [0, 0] } },
    {
      shapes: { x: [6, 3], label: [6] },
      attrs: {},
      values: { x: [1, 2, 2, 1, 2, 2, 3, 3, 3, 3, 3, 3, 0, -0, 0, -2, -1, -1e4], label: [1, 2, 0, 2, 0, 1] },
      gradient: {}, // y jumps at ties
    },
  ],
  rejects: [
    { shapes: { x: [3, 10], label: [4] }, attrs: {}, message: "correct: length of label is 4, expected 3" },
    { shapes: { x: [3], label: [3] }, attrs: {}, message: "correct: rank of x is 1, expected 2" },
  ],
});
