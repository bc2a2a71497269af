import { dims, type Shape } from "../base/shape.ts";
import { plus } from "../ir/affine.ts";
import {
  add,
  bind,
  block,
  constant,
  define,
  div,
  elementwise,
  fma,
  load,
  loops,
  mul,
  one,
  store,
} from "../ir/build.ts";
import { power } from "../ir/math.ts";
import type { Affine, Stmt, Value, View } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { checkAttribute, checkFinite, checkWhole } from "./check.ts";
import { defineOp } from "./op.ts";

export interface LocalResponseNormalizationAttrs {
  readonly depthRadius: number;
  readonly bias: number;
  readonly alpha: number;
  readonly beta: number;
}

/** Σ_{j=-r..r} view[…, c+j]; channels outside the view are zeros, from its halo. */
function sumOfNeighbors(view: View, index: readonly Affine[], depthRadius: number): Value {
  const radius = Math.min(depthRadius, view.shape.at(-1)! - 1);
  const shifts = Array.from({ length: 2 * radius + 1 }, (_, k) => k - radius);
  return shifts.map((j) => load(at(view, ...index.slice(0, -1), plus(index.at(-1)!, j)))).reduce(add);
}

/** A statement for each element of a view, with the loop over channels innermost. */
function statements(view: View, body: (index: readonly Affine[]) => Stmt): Stmt {
  const [N, H, W, C] = dims(nameOf, "x", view.shape, 4);
  return loops({ n: N, h: H, w: W, c: C }, ({ n, h, w, c }) => body([n, h, w, c]));
}

const nameOf = "localResponseNormalization";

/**
 * Local response normalization across adjacent channels.
 *
 *   y[…,c] = x[…,c] · t[…,c]^−β,   t[…,c] = bias + α · Σ_{j=−r..r} x[…,c+j]²
 *   dx[…,c] = dy[…,c] · t[…,c]^−β − 2αβ · x[…,c] · Σ_{j=−r..r} (dy · x · t^(−β−1))[…,c+j]
 *
 * x [N,H,W,C] gives y of the same shape. Same as `tf.nn.local_response_normalization`: α is not divided by the
 * number of channels in the sum, as it is in PyTorch. Source: Krizhevsky, Sutskever, Hinton, "ImageNet
 * classification with deep convolutional neural networks", NIPS 2012, section 3.3.
 */
export const localResponseNormalization = defineOp<LocalResponseNormalizationAttrs>()({
  name: nameOf,
  inputs: ["x"],

  infer({ x }, { depthRadius, bias, alpha, beta }) {
    dims(nameOf, "x", x, 4);
    checkWhole(nameOf, "depthRadius", depthRadius, 0);
    for (const [what, value] of Object.entries({ bias, alpha, beta })) checkFinite(nameOf, what, value);
    // These keep t positive, so that its power is defined.
    checkAttribute(nameOf, "bias", bias, bias > 0, "a number above 0");
    checkAttribute(nameOf, "alpha", alpha, alpha >= 0, "a number of at least 0");
    return x;
  },

  // t^−β and t^(−β−1)
  saves: ({ x }) => ({ factor: x, ratio: x }),
  scratch: ({ x }) => ({ terms: x }),

  forward({ x, factor, ratio, terms }, y, { depthRadius, bias, alpha, beta }) {
    return [
      elementwise(terms, (i) => bind("x", load(at(x, ...i)), (value) => mul(value, value))),
      statements(y, (i) =>
        define("t", fma(sumOfNeighbors(terms, i, depthRadius), constant(alpha), constant(bias)), (t) =>
          define("inverse", div(one, t), (inverse) =>
            define("factor", power(inverse, beta), (f) =>
              block(
                store(at(factor, ...i), f),
                store(at(ratio, ...i), mul(f, inverse)),
                store(at(y, ...i), mul(load(at(x, ...i)), f)),
              ),
            ),
          ),
        ),
      ),
    ];
  },

  backward: {
    x({ x, factor, ratio, terms }, _y, dy, dx, { depthRadius, alpha, beta }) {
      const of = (view: View, i: readonly Affine[]) => load(at(view, ...i));
      return [
        elementwise(terms, (i) => mul(mul(of(dy, i), of(x, i)), of(ratio, i))),
        elementwise(dx, (i) =>
          fma(
            mul(of(x, i), constant(-2 * alpha * beta)),
            sumOfNeighbors(terms, i, depthRadius),
            mul(of(dy, i), of(factor, i)),
          ),
        ),
      ];
    },
  },

  reference({ x }, shapes, y, _yShape, { depthRadius, bias, alpha, beta }) {
    const C = shapes.x.at(-1)!;
    x.forEach((value, i) => {
      const c = i % C;
      let sum = 0;
      for (let k = Math.max(0, c - depthRadius); k <= Math.min(C - 1, c + depthRadius); k++) sum += x[i - c + k]! ** 2;
      y[i] = value * (bias + alpha * sum) ** -beta;
    });
  },

  samples: [
    sample([2, 3, 3, 16], 4, 1, 0.001 / 9, 0.75),
    sample([2, 2, 3, 5], 2, 1, 1, 0.5),
    sample([1, 3, 2, 1], 5, 2, 0.5, 0.75),
    sample([1, 2, 2, 3], 5, 0.5, 2, 1),
    sample([2, 2, 2, 20], 1, 1, 0.7, 1.25),
    sample([1, 2, 3, 17], 0, 1, 1, 0.6),
    sample([1, 2, 2, 4], 1, 1, 0.3, 0),
  ],
  rejects: [
    { ...sample([2, 3, 4], 4, 1, 1, 0.75), message: `${nameOf}: rank of x is 3, expected 4` },
    {
      ...sample([1, 2, 3, 4], 1.5, 1, 1, 0.75),
      message: `${nameOf}: depthRadius is 1.5, expected a whole number of at least 0`,
    },
    {
      ...sample([1, 2, 3, 4], -1, 1, 1, 0.75),
      message: `${nameOf}: depthRadius is -1, expected a whole number of at least 0`,
    },
    { ...sample([1, 2, 3, 4], 1, 0, 1, 0.75), message: `${nameOf}: bias is 0, expected a number above 0` },
    { ...sample([1, 2, 3, 4], 1, 1, -1, 0.75), message: `${nameOf}: alpha is -1, expected a number of at least 0` },
    { ...sample([1, 2, 3, 4], 1, 1, 1, Number.NaN), message: `${nameOf}: beta is NaN, expected a finite number` },
  ],
});

function sample(x: Shape, depthRadius: number, bias: number, alpha: number, beta: number) {
  return { shapes: { x }, attrs: { depthRadius, bias, alpha, beta } };
}
