import {
  bind,
  block,
  div,
  equal,
  indexValue,
  load,
  loops,
  max,
  mul,
  one,
  select,
  store,
  sub,
  zero,
} from "../ir/build.ts";
import { contraction } from "../ir/contraction.ts";
import { exp, log } from "../ir/math.ts";
import type { View } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { dims, shapeError } from "../tensor/shape.ts";
import { defineOp } from "./op.ts";

const extentsOf = (x: View) => ({ n: x.shape[0]!, k: x.shape[1]! });

/**
 * Softmax cross-entropy in nats, one loss a sample.
 *
 *   p[n,k] = exp(x[n,k] − m[n]) / s[n],   m[n] = max_k x[n,k],   s[n] = Σ_k exp(x[n,k] − m[n])
 *   y[n] = log s[n] − (x[n,l] − m[n]),    dx[n,k] = dy[n] · (p[n,k] − [k = l]),   l = label[n]
 *
 * x [N,K] are logits and label [N] classes 0 … K−1; y [N]. Without the greatest logit no exponential
 * overflows. As `tf.nn.sparse_softmax_cross_entropy_with_logits`.
 */
export const softmaxCrossEntropy = defineOp()({
  name: "softmaxCrossEntropy",
  inputs: ["x", "label"],
  types: { label: "u32" },

  infer({ x, label }) {
    const [N] = dims("softmaxCrossEntropy", "x", x, 2);
    const [L] = dims("softmaxCrossEntropy", "label", label, 1);
    if (L !== N) throw shapeError("softmaxCrossEntropy", "length of label", L, N);
    return [N];
  },

  saves: ({ x }) => ({ p: x }),
  scratch: ({ label }) => ({ greatest: label, total: label }),

  forward({ x, label, p, greatest, total }, y) {
    const { n: N, k: K } = extentsOf(x);
    return [
      loops({ n: N }, ({ n }) => {
        const m = at(greatest, n);
        return block(
          store(m, load(at(x, n, 0))),
          loops({ k: K }, ({ k }) => store(m, max(load(at(x, n, k)), load(m)))),
        );
      }),
      loops({ n: N, k: K }, ({ n, k }) => store(at(p, n, k), exp(sub(load(at(x, n, k)), load(at(greatest, n)))))),
      contraction({ n: N, k: K }, ({ n, k }) => ({ out: at(total, n), a: at(p, n, k) })),
      loops({ n: N }, ({ n }) => {
        const loss = at(y, n);
        return block(
          store(loss, log(load(at(total, n)))),
          loops({ k: K }, ({ k }) =>
            store(
              loss,
              bind("loss", load(loss), (sum) =>
                select(
                  equal(load(at(label, n)), indexValue(k)),
                  sub(sum, sub(load(at(x, n, k)), load(at(greatest, n)))),
                  sum,
                ),
              ),
            ),
          ),
        );
      }),
      loops({ n: N, k: K }, ({ n, k }) => store(at(p, n, k), div(load(at(p, n, k)), load(at(total, n))))),
    ];
  },

  backward: {
    x: ({ x, label, p }, _y, dy, dx) => [
      loops(extentsOf(x), ({ n, k }) => {
        const target = select(equal(load(at(label, n)), indexValue(k)), one, zero);
        return store(at(dx, n, k), mul(load(at(dy, n)), sub(load(at(p, n, k)), target)));
      }),
    ],
    label: null,
  },

  reference({ x, label }, shapes, y) {
    const [N, K] = dims("softmaxCrossEntropy", "x", shapes.x, 2);
    for (let n = 0; n < N; n++) {
      const row = x.subarray(n * K, (n + 1) * K);
      const m = Math.max(...row);
      y[n] = Math.log(row.reduce((sum, value) => sum + Math.exp(value - m), 0)) - (row[label[n]!]! - m);
    }
  },

  samples: [
    { shapes: { x: [3, 10], label: [3] }, attrs: {}, values: { label: [0, 9, 4] } },
    { shapes: { x: [5, 7], label: [5] }, attrs: {}, values: { label: [6, 0, 3, 3, 1] } },
    { shapes: { x: [2, 1], label: [2] }, attrs: {}, values: { label: [0, 0] } },
    { shapes: { x: [2, 33], label: [2] }, attrs: {}, values: { label: [32, 16] } },
    {
      shapes: { x: [4, 3], label: [4] },
      attrs: {},
      values: { x: [1e4, -1e4, 0, 1e4, -1e4, 0, -1e4, -1e4, -1e4, 5, 5, 5], label: [0, 1, 2, 1] },
    },
  ],
  rejects: [
    {
      shapes: { x: [3, 10], label: [4] },
      attrs: {},
      message: "softmaxCrossEntropy: length of label is 4, expected 3",
    },
    {
      shapes: { x: [3, 10, 1], label: [3] },
      attrs: {},
      message: "softmaxCrossEntropy: rank of x is 3, expected 2",
    },
    {
      shapes: { x: [3, 10], label: [3, 10] },
      attrs: {},
      message: "softmaxCrossEntropy: rank of label is 2, expected 1",
    },
  ],
});
