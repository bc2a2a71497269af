import {
  add,
  block,
  constant,
  define,
  eachElement,
  elementwise,
  fma,
  load,
  max,
  min,
  mul,
  one,
  store,
  sub,
} from "../ir/build.ts";
import { at } from "../ir/view.ts";
import { defineOp } from "./op.ts";
import { sigmoidOf } from "./sigmoid.ts";

/** 2·√(2/π), and the coefficient of x³. */
const SCALE = 1.5957691216057308;
const CUBE = 0.044715;
/** Beyond this, s has been 0 or 1 for long; the powers of larger x would overflow. */
const FAR = 1e6;

/**
 * Gaussian error linear unit in its tanh approximation, for any shape.
 *
 *   y = ½x·(1 + tanh(t/2)) = x·s,   t = 2√(2/π)·(x + 0.044715·x³),   s = 1 / (1 + e^−t)
 *   dx = dy · s·(1 + x·(1 − s)·t'),   t' = 2√(2/π)·(1 + 3·0.044715·x²)
 *
 * Forward saves the slope. Same as Keras' `gelu(x, approximate=True)` and PyTorch's `gelu(x, approximate="tanh")`;
 * within 5e-4 of x·Φ(x). Source: Hendrycks and Gimpel, "Gaussian error linear units (GELUs)", 2016.
 */
export const gelu = defineOp()({
  name: "gelu",
  inputs: ["x"],
  infer: ({ x }) => x,
  saves: ({ x }) => ({ slope: x }),
  forward: ({ x, slope }, y) => [
    eachElement(y, (i) =>
      define("x", load(at(x, ...i)), (value) =>
        define("near", min(max(value, constant(-FAR)), constant(FAR)), (near) =>
          define("square", mul(near, near), (square) => {
            const t = mul(value, fma(square, constant(SCALE * CUBE), constant(SCALE)));
            const slopeOfT = fma(square, constant(3 * SCALE * CUBE), constant(SCALE));
            return define("s", sigmoidOf(t), (s) =>
              block(
                store(at(y, ...i), mul(value, s)),
                store(at(slope, ...i), mul(s, add(mul(mul(near, sub(one, s)), slopeOfT), one))),
              ),
            );
          }),
        ),
      ),
    ),
  ],
  backward: {
    x: ({ slope }, _y, dy, dx) => [elementwise(dx, (i) => mul(load(at(dy, ...i)), load(at(slope, ...i))))],
  },
  reference({ x }, _shapes, y) {
    x.forEach((value, i) => {
      y[i] = 0.5 * value * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (value + 0.044715 * value ** 3)));
    });
  },
  samples: [
    { shapes: { x: [3, 4] }, attrs: {} },
    { shapes: { x: [2, 2, 3, 5] }, attrs: {} },
    { shapes: { x: [2, 5] }, attrs: {}, values: { x: [0, -0, 1e-20, 4, -3, 20, -20, 90, 1e4, -1e4] } },
    { shapes: { x: [2, 2] }, attrs: {}, values: { x: [1e13, -1e13, 1e25, -1e25] } },
  ],
});
