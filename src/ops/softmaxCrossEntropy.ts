import { dims, shapeError } from "../base/shape.ts";
import {
  block,
  constant,
  div,
  equal,
  fma,
  indexValue,
  load,
  loops,
  max,
  mul,
  negate,
  select,
  store,
  sub,
} from "../ir/build.ts";
import { contraction } from "../ir/contraction.ts";
import { exp, log } from "../ir/math.ts";
import type { Affine, Value, View } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { checkAttribute } from "./check.ts";
import { defineOp } from "./op.ts";

export interface SoftmaxCrossEntropyAttrs {
  /** The part ε of the target that is spread evenly over all classes, in [0, 1). Default: 0. */
  readonly labelSmoothing?: number;
}

const extentsOf = (x: View) => ({ n: x.shape[0]!, k: x.shape[1]! });

/** q[n,k], the target probability of a class. */
function target(label: View, n: Affine, k: Affine, K: number, { labelSmoothing = 0 }: SoftmaxCrossEntropyAttrs): Value {
  const others = labelSmoothing / K;
  const isLabel = equal(load(at(label, n)), indexValue(k));
  return select(isLabel, constant(1 - labelSmoothing + others), constant(others));
}

/**
 * Softmax cross-entropy in nats, one loss per sample.
 *
 *   p[n,k] = exp(x[n,k] − m[n]) / s[n],   m[n] = max_k x[n,k],   s[n] = Σ_k exp(x[n,k] − m[n])
 *   q[n,k] = (1 − ε)·[k = l] + ε / K,   l = label[n]
 *   y[n] = log s[n] − Σ_k q[n,k]·(x[n,k] − m[n]),    dx[n,k] = dy[n] · (p[n,k] − q[n,k])
 *
 * x [N,K] are logits, label [N] are classes 0 … K−1, and y is [N]. Subtracting the maximum keeps exponentials from
 * overflowing. Same as `tf.nn.sparse_softmax_cross_entropy_with_logits`, with label smoothing ε as in Keras and PyTorch.
 * Source of ε: Szegedy et al., "Rethinking the Inception architecture for computer vision", CVPR 2016.
 */
export const softmaxCrossEntropy = defineOp<SoftmaxCrossEntropyAttrs>()({
  name: "softmaxCrossEntropy",
  inputs: ["x", "label"],
  types: { label: "u32" },

  infer({ x, label }, { labelSmoothing = 0 }) {
    const [N] = dims("softmaxCrossEntropy", "x", x, 2);
    const [L] = dims("softmaxCrossEntropy", "label", label, 1);
    if (L !== N) throw shapeError("softmaxCrossEntropy", "length of label", L, N);
    const isShare = labelSmoothing >= 0 && labelSmoothing < 1;
    checkAttribute("softmaxCrossEntropy", "labelSmoothing", labelSmoothing, isShare, "at least 0 and below 1");
    return [N];
  },

  saves: ({ x }) => ({ p: x }),
  scratch: ({ label }) => ({ greatest: label, total: label }),

  forward({ x, label, p, greatest, total }, y, attrs) {
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
              fma(negate(target(label, n, k, K, attrs)), sub(load(at(x, n, k)), load(at(greatest, n))), load(loss)),
            ),
          ),
        );
      }),
      loops({ n: N, k: K }, ({ n, k }) => store(at(p, n, k), div(load(at(p, n, k)), load(at(total, n))))),
    ];
  },

  backward: {
    x: ({ x, label, p }, _y, dy, dx, attrs) => [
      loops(extentsOf(x), ({ n, k }) =>
        store(at(dx, n, k), mul(load(at(dy, n)), sub(load(at(p, n, k)), target(label, n, k, x.shape[1]!, attrs)))),
      ),
    ],
    label: null,
  },

  reference({ x, label }, shapes, y, _yShape, { labelSmoothing = 0 }) {
    const [N, K] = dims("softmaxCrossEntropy", "x", shapes.x, 2);
    for (let n = 0; n < N; n++) {
      const row = x.subarray(n * K, (n + 1) * K);
      const m = Math.max(...row);
      const logSum = Math.log(row.reduce((sum, value) => sum + Math.exp(value - m), 0)) + m;
      const mean = row.reduce((sum, value) => sum + logSum - value, 0) / K;
      y[n] = (1 - labelSmoothing) * (logSum - row[label[n]!]!) + labelSmoothing * mean;
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
    { shapes: { x: [3, 10], label: [3] }, attrs: { labelSmoothing: 0.1 }, values: { label: [0, 9, 4] } },
    { shapes: { x: [2, 33], label: [2] }, attrs: { labelSmoothing: 0.3 }, values: { label: [32, 16] } },
    {
      shapes: { x: [2, 3], label: [2] },
      attrs: { labelSmoothing: 0.5 },
      values: { x: [100, -100, 0, 5, 5, 5], label: [1, 2] },
    },
  ],
  rejects: [
    {
      shapes: { x: [3, 10], label: [3] },
      attrs: { labelSmoothing: 1 },
      message: "softmaxCrossEntropy: labelSmoothing is 1, expected at least 0 and below 1",
    },
    {
      shapes: { x: [3, 10], label: [3] },
      attrs: { labelSmoothing: -0.1 },
      message: "softmaxCrossEntropy: labelSmoothing is -0.1, expected at least 0 and below 1",
    },
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
