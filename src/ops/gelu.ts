import {
  add,
  block,
  constant,
  define,
  div,
  eachElement,
  elementwise,
  fma,
  less,
  load,
  max,
  min,
  mul,
  negate,
  one,
  select,
  store,
  sub,
  zero,
} from "../ir/build.ts";
import { exp, polynomial } from "../ir/math.ts";
import type { Stmt, Value } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { checkAttribute } from "./check.ts";
import { defineOp } from "./op.ts";
import { sigmoidOf } from "./sigmoid.ts";

export interface GeluAttrs {
  /** "none" for x·Φ(x), "tanh" for its approximation. Default: "tanh". */
  readonly approximate?: "none" | "tanh" | undefined;
}

/** 2·√(2/π), and the coefficient of x³. */
const SCALE = 1.5957691216057308;
const CUBE = 0.044715;
/** Beyond this, s has been 0 or 1 for long; the powers of larger x would overflow. */
const FAR = 1e6;

/** Calls `body` with y and its slope in the tanh approximation. */
const approximated = (x: Value, body: (y: Value, slope: Value) => Stmt): Stmt =>
  define("near", min(max(x, constant(-FAR)), constant(FAR)), (near) =>
    define("square", mul(near, near), (square) => {
      const t = mul(x, fma(square, constant(SCALE * CUBE), constant(SCALE)));
      const slopeOfT = fma(square, constant(3 * SCALE * CUBE), constant(SCALE));
      return define("s", sigmoidOf(t), (s) => body(mul(x, s), mul(s, add(mul(mul(near, sub(one, s)), slopeOfT), one))));
    }),
  );

/** Φ(−a)·e^(a²/2) / t as a polynomial of t = 1/(1 + 0.3·a), fitted for 0 ≤ a ≤ 14 within 4e-9. */
const TAIL = [
  0.11968663405216554, 0.11957284214688635, 0.1102273145704994, 0.07842563085929613, 0.0960576591640428,
  -0.07924698136190456, 0.1915812138265465, -0.22806711580389555, 0.11237559314705878, -0.02061279232375587,
];

/** Calls `body` with y = max(x, 0) − a·Φ(−a), where a = |x|, and its slope. Beyond a = 14, Φ(−a) is 0 in float32. */
const exact = (x: Value, body: (y: Value, slope: Value) => Stmt): Stmt =>
  define("a", min(max(x, negate(x)), constant(14)), (a) =>
    define("e", exp(mul(mul(a, a), constant(-0.5))), (e) =>
      define("t", div(one, fma(a, constant(0.3), one)), (t) =>
        define("tail", mul(mul(e, t), polynomial(t, TAIL)), (tail) =>
          define("below", fma(mul(a, constant(-1 / Math.sqrt(2 * Math.PI))), e, tail), (below) =>
            body(sub(max(zero, x), mul(a, tail)), select(less(x, zero), below, sub(one, below))),
          ),
        ),
      ),
    ),
  );

/**
 * Gaussian error linear unit, exact or in its tanh approximation, for any shape.
 *
 *   none:  y = x·Φ(x),   dx = dy · (Φ(x) + x·φ(x)),   with the normal distribution Φ and its density φ
 *   tanh:  y = ½x·(1 + tanh(t/2)) = x·s,   t = 2√(2/π)·(x + 0.044715·x³),   s = 1 / (1 + e^−t)
 *          dx = dy · s·(1 + x·(1 − s)·t'),   t' = 2√(2/π)·(1 + 3·0.044715·x²)
 *
 * Forward saves the slope. Same as Keras' `gelu(x, approximate=True)` and PyTorch's `gelu(x, approximate="tanh")`, or
 * theirs without that; they are within 5e-4 of each other. Source: Hendrycks and Gimpel, "Gaussian error linear units
 * (GELUs)", 2016.
 */
export const gelu = defineOp<GeluAttrs>()({
  name: "gelu",
  inputs: ["x"],
  infer({ x }, { approximate = "tanh" }) {
    checkAttribute("gelu", "approximate", approximate, ["none", "tanh"].includes(approximate), '"none" or "tanh"');
    return x;
  },
  saves: ({ x }) => ({ slope: x }),
  forward({ x, slope }, y, { approximate }) {
    const values = approximate === "none" ? exact : approximated;
    return [
      eachElement(y, (i) =>
        define("x", load(at(x, ...i)), (value) =>
          values(value, (result, itsSlope) => block(store(at(y, ...i), result), store(at(slope, ...i), itsSlope))),
        ),
      ),
    ];
  },
  backward: {
    x: ({ slope }, _y, dy, dx) => [elementwise(dx, (i) => mul(load(at(dy, ...i)), load(at(slope, ...i))))],
  },
  reference({ x }, _shapes, y, _yShape, { approximate }) {
    // Φ(x) = ½ + φ(x)·(x + x³/3 + x⁵/(3·5) + …)
    const normalDistribution = (value: number): number => {
      if (Math.abs(value) > 9) return value < 0 ? 0 : 1;
      let [sum, term] = [0, value];
      for (let k = 3; k < 400; k += 2) {
        sum += term;
        term *= value ** 2 / k;
      }
      return 0.5 + (sum * Math.exp(-(value ** 2) / 2)) / Math.sqrt(2 * Math.PI);
    };
    x.forEach((value, i) => {
      y[i] =
        approximate === "none"
          ? value * normalDistribution(value)
          : 0.5 * value * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (value + 0.044715 * value ** 3)));
    });
  },
  samples: [
    { shapes: { x: [3, 4] }, attrs: {} },
    { shapes: { x: [2, 2, 3, 5] }, attrs: {} },
    { shapes: { x: [2, 5] }, attrs: {}, values: { x: [0, -0, 1e-20, 4, -3, 20, -20, 90, 1e4, -1e4] } },
    { shapes: { x: [2, 2] }, attrs: {}, values: { x: [1e13, -1e13, 1e25, -1e25] } },
    { shapes: { x: [3, 3, 5] }, attrs: { approximate: "none" } },
    {
      shapes: { x: [3, 5] },
      attrs: { approximate: "none" },
      values: { x: [0, -0, 1e-20, 4, -3, 0.75, -0.75, -5.5, 13, -13, 20, -20, 90, 1e25, -1e38] },
    },
  ],
  rejects: [
    {
      shapes: { x: [2, 2] },
      attrs: { approximate: "erf" as "none" },
      message: 'gelu: approximate is erf, expected "none" or "tanh"',
    },
  ],
});
