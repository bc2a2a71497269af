import { dims } from "../base/shape.ts";
import { add, block, constant, div, elementwise, load, loops, max, mul, store, sub } from "../ir/build.ts";
import { contraction } from "../ir/contraction.ts";
import { at } from "../ir/view.ts";
import { checkAttribute, checkFinite } from "./check.ts";
import { defineOp } from "./op.ts";
import { LEAST_SPREAD, prominence } from "./prominence.ts";

export interface CalibrateAttrs {
  /** What logits are divided by where they tell one class from all others alike. */
  readonly temperature: number;
  /** The share of the logits that is taken away where they tell no class from the others, 0 to 1. */
  readonly attenuation: number;
}

/** The w and c of (1 − a·(1 − K/(K − 1)·q)) / T = w·q + c, which logits of K classes are multiplied by. */
export const factorOf = ({ temperature, attenuation }: CalibrateAttrs, classes: number) => ({
  weight: (attenuation * classes) / (temperature * Math.max(1, classes - 1)),
  offset: (1 - attenuation) / temperature,
});

/**
 * Scales the logits of each image so that their softmax is calibrated.
 *
 *   y[n,k] = x[n,k] · (1 − a·(1 − r²[n])) / T = x[n,k] · (w·q[n] + c)
 *   r²[n] = K/(K − 1) · q[n],   q[n] = (max_j x[n,j] − m[n])² / Σ_j (x[n,j] − m[n])²,   m[n] = (Σ_j x[n,j]) / K
 *
 * x [N,K] gives y [N,K], for a temperature T and an attenuation a; r² is the prominence, of `prominence.ts`, and w and c are
 * those of `factorOf`. x is treated as a constant: models are calibrated after their training. The same over float64 is
 * `softmaxInto` in `evaluation/softmax.ts`; where T and a come from is in `evaluation/fitScaling.ts`.
 */
export const calibrate = defineOp<CalibrateAttrs>()({
  name: "calibrate",
  inputs: ["x"],

  infer({ x }, { temperature, attenuation }) {
    dims("calibrate", "x", x, 2);
    checkFinite("calibrate", "temperature", temperature);
    checkAttribute("calibrate", "temperature", temperature, temperature > 0, "a number above 0");
    checkAttribute("calibrate", "attenuation", attenuation, attenuation >= 0 && attenuation <= 1, "0 to 1");
    return x;
  },

  scratch: ({ x }) => ({ greatest: x.slice(0, 1), mean: x.slice(0, 1), spread: x.slice(0, 1), centered: x }),

  forward({ x, greatest, mean, spread, centered }, y, { temperature, attenuation }) {
    const [N, K] = [x.shape[0]!, x.shape[1]!];
    const { weight, offset } = factorOf({ temperature, attenuation }, K);
    if (attenuation === 0) return [elementwise(y, (i) => mul(load(at(x, ...i)), constant(offset)))];
    return [
      loops({ n: N }, ({ n }) =>
        block(
          store(at(greatest, n), load(at(x, n, 0))),
          loops({ k: K }, ({ k }) => store(at(greatest, n), max(load(at(x, n, k)), load(at(greatest, n))))),
        ),
      ),
      contraction({ n: N, k: K }, ({ n, k }) => ({
        out: at(mean, n),
        a: at(x, n, k),
        finish: (sum) => div(sum, constant(K)),
      })),
      elementwise(centered, ([n, k]) => sub(load(at(x, n!, k!)), load(at(mean, n!)))),
      contraction({ n: N, k: K }, ({ n, k }) => ({
        out: at(spread, n),
        a: at(centered, n, k),
        b: at(centered, n, k),
        finish: (sum) => max(sum, constant(LEAST_SPREAD)),
      })),
      elementwise(y, ([n, k]) => {
        const apart = sub(load(at(greatest, n!)), load(at(mean, n!)));
        const share = div(mul(apart, apart), load(at(spread, n!)));
        return mul(load(at(x, n!, k!)), add(mul(share, constant(weight)), constant(offset)));
      }),
    ];
  },

  backward: { x: "constant" },

  reference({ x }, shapes, y, _yShape, { temperature, attenuation }) {
    const K = shapes.x[1]!;
    for (let first = 0; first < x.length; first += K) {
      const factor = (1 - attenuation * (1 - prominence(x, first, K))) / temperature;
      for (let k = first; k < first + K; k++) y[k] = x[k]! * factor;
    }
  },

  samples: [
    { shapes: { x: [3, 10] }, attrs: { temperature: 0.6, attenuation: 0.8 } },
    { shapes: { x: [2, 33] }, attrs: { temperature: 1.7, attenuation: 1 } },
    { shapes: { x: [4, 2] }, attrs: { temperature: 0.3, attenuation: 0.4 } },
    { shapes: { x: [2, 5] }, attrs: { temperature: 2, attenuation: 0 } },
    { shapes: { x: [2, 1] }, attrs: { temperature: 2, attenuation: 0.5 } },
    { shapes: { x: [1, 3] }, attrs: { temperature: 0.5, attenuation: 0.9 }, values: { x: [7, 7, 7] } },
  ],
  rejects: [
    {
      shapes: { x: [3] },
      attrs: { temperature: 1, attenuation: 0 },
      message: "calibrate: rank of x is 1, expected 2",
    },
    {
      shapes: { x: [3, 4] },
      attrs: { temperature: 0, attenuation: 0 },
      message: "calibrate: temperature is 0, expected a number above 0",
    },
    {
      shapes: { x: [3, 4] },
      attrs: { temperature: 1, attenuation: 2 },
      message: "calibrate: attenuation is 2, expected 0 to 1",
    },
  ],
});
