import { philox, purposes } from "../base/philox.ts";
import { shapeError } from "../base/shape.ts";
import {
  add,
  constant,
  define,
  defineEach,
  div,
  fma,
  integer,
  less,
  loops,
  mul,
  negate,
  one,
  select,
  sqrt,
  store,
  sub,
  zero,
} from "../ir/build.ts";
import { cos, exp, log } from "../ir/math.ts";
import { philoxWords, topBits } from "../ir/random.ts";
import { at } from "../ir/view.ts";
import { checkAttribute } from "./check.ts";
import { defineOp } from "./op.ts";

export interface BetaRatioAttrs {
  /** Both parameters of the distribution: below 1, draws are near 0 and 1; above 1, near ½; at 1, uniform. */
  readonly alpha: number;
}

/**
 * One number per sample, drawn from the beta distribution Beta(α, α).
 *
 *   y[n] = ½ · (1 ± √(c²·(1 − w) / (w + c²·(1 − w)))),   w = u^(1/α),   c = cos θ, ± the sign of c
 *
 * u in (0, 1] and θ in [−π, π) are uniform: words 0 and 1 of Philox with key (seed, purpose) and counter (step, sample,
 * 0, 0). x [N,…], of which only N matters, gives y [N]. The method is exact and needs no rejection loop. Source: Devroye,
 * "Random variate generation in one line of code", WSC 1996: the symmetric beta from Best's Student t and Bailey's polar
 * method, rearranged so that no power overflows.
 */
export const betaRatio = defineOp<BetaRatioAttrs>()({
  name: "betaRatio",
  inputs: ["x"],
  types: { x: "u8" },

  infer({ x }, { alpha }) {
    if (x.length < 1) throw shapeError("betaRatio", "rank of x", x.length, "at least 1");
    checkAttribute("betaRatio", "alpha", alpha, Number.isFinite(alpha) && alpha > 0, "a number above 0");
    return [x[0]!];
  },

  forward: (_t, y, { alpha }, { seed, step, sample }) => [
    loops({ n: y.shape[0]! }, ({ n }) =>
      philoxWords([seed, integer(purposes.mixup)], [step, sample(n), integer(0), integer(0)], ([u, turn]) =>
        defineEach(
          {
            w: exp(mul(log(fma(topBits(u), constant(2 ** -24), constant(2 ** -24))), constant(1 / alpha))),
            c: cos(fma(topBits(turn), constant(Math.PI * 2 ** -23), constant(-Math.PI))),
          },
          ({ w, c }) =>
            define("part", mul(mul(c, c), sub(one, w)), (part) =>
              define("root", sqrt(div(part, add(w, part))), (root) => {
                const half = constant(0.5);
                return store(at(y, n), fma(half, select(less(c, zero), negate(root), root), half));
              }),
            ),
        ),
      ),
    ),
  ],

  backward: { x: null },

  reference(_t, _shapes, y, _yShape, { alpha }, { seed, step }) {
    for (let n = 0; n < y.length; n++) {
      const [u, turn] = philox([seed, purposes.mixup], [step, n, 0, 0]).map((word) => word >>> 8);
      const w = ((u! + 1) / 2 ** 24) ** (1 / alpha);
      const c = Math.cos(Math.PI * (turn! / 2 ** 23 - 1));
      const part = c * c * (1 - w);
      y[n] = 0.5 * (1 + Math.sign(c) * Math.sqrt(part / (w + part)));
    }
  },

  samples: [
    { shapes: { x: [7, 3, 3, 1] }, attrs: { alpha: 0.2 } },
    { shapes: { x: [33] }, attrs: { alpha: 1 } },
    { shapes: { x: [5, 2] }, attrs: { alpha: 4 } },
    { shapes: { x: [16, 2] }, attrs: { alpha: 0.01 } },
  ],
  rejects: [
    { shapes: { x: [4] }, attrs: { alpha: 0 }, message: "betaRatio: alpha is 0, expected a number above 0" },
    { shapes: { x: [4] }, attrs: { alpha: Number.NaN }, message: "betaRatio: alpha is NaN, expected a number above 0" },
    { shapes: { x: [] }, attrs: { alpha: 1 }, message: "betaRatio: rank of x is 0, expected at least 1" },
  ],
});
