import { shapeError, sizeOf } from "../base/shape.ts";
import { plus } from "../ir/affine.ts";
import { block, constant, defineEach, elementwise, fma, load, loops, mul, sqrt, store } from "../ir/build.ts";
import { cos, log, sin } from "../ir/math.ts";
import { topBits } from "../ir/random.ts";
import type { Value } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import { augmentNumbers, augmentWords, checkRange } from "./augment.ts";
import { checkWhole } from "./check.ts";
import { blocksOf } from "./dropout.ts";
import { placeInSample } from "./flatten.ts";
import { defineOp } from "./op.ts";

export interface GaussianNoiseAttrs {
  /** The standard deviation of the noise, on a scale where black to white is 1. */
  readonly stddev: number;
  /** Unique to each random layer of a network, so that their draws are independent. */
  readonly stream: number;
}

/**
 * Adds independent Gaussian noise.
 *
 *   y[n,e] = x[n,e] + stddev · z[n,e]
 *
 * x [N,…] of E elements per sample gives y of the same shape. Block b of the Q = ⌈E/4⌉ blocks of Philox words of
 * a sample gives z for elements b, Q + b, 2Q + b and 3Q + b, not counting padding: words 0 and 1 the first two,
 * 2 and 3 the others, by the Box–Muller transform √(−2 log u) · (cos θ, sin θ) with u in (0, 1] and θ in
 * [−π, π). Same as Keras' GaussianNoise.
 */
export const gaussianNoise = defineOp<GaussianNoiseAttrs>()({
  name: "gaussianNoise",
  inputs: ["x"],

  infer({ x }, { stddev, stream }) {
    if (x.length < 2) throw shapeError("gaussianNoise", "rank of x", x.length, "at least 2");
    checkRange("gaussianNoise", "stddev", stddev);
    checkWhole("gaussianNoise", "stream", stream, 0);
    return x;
  },

  scratch: ({ x }) => ({ noise: [x[0]!, 4 * blocksOf(sizeOf(x.slice(1)))] }),

  forward({ x, noise }, y, { stddev, stream }, runtime) {
    const Q = blocksOf(sizeOf(x.shape.slice(1)));
    return [
      loops({ n: x.shape[0]!, b: Q }, ({ n, b }) => {
        const pair = (k: number, u: Value, turn: Value) =>
          defineEach(
            {
              radius: sqrt(mul(constant(-2), log(fma(topBits(u), constant(2 ** -24), constant(2 ** -24))))),
              angle: fma(topBits(turn), constant(Math.PI * 2 ** -23), constant(-Math.PI)),
            },
            ({ radius, angle }) =>
              block(
                store(at(noise, n, plus(b, k * Q)), mul(radius, cos(angle))),
                store(at(noise, n, plus(b, (k + 1) * Q)), mul(radius, sin(angle))),
              ),
          );
        return augmentWords(runtime, n, b, stream, ([w0, w1, w2, w3]) => block(pair(0, w0, w1), pair(2, w2, w3)));
      }),
      elementwise(y, (i) =>
        fma(constant(stddev), load(at(noise, i[0]!, placeInSample(y.shape, i))), load(at(x, ...i))),
      ),
    ];
  },

  backward: { x: "identity" },

  reference({ x }, shapes, y, _yShape, { stddev, stream }, runtime) {
    const E = sizeOf(shapes.x.slice(1));
    const Q = Math.ceil(E / 4);
    x.forEach((value, i) => {
      const [n, e] = [Math.floor(i / E), i % E];
      const j = Math.floor(e / Q);
      const words = augmentNumbers(runtime, n, e % Q, stream).slice(j < 2 ? 0 : 2);
      const u = ((words[0]! >>> 8) + 1) / 2 ** 24;
      const angle = 2 * Math.PI * ((words[1]! >>> 8) / 2 ** 24 - 0.5);
      y[i] = value + stddev * Math.sqrt(-2 * Math.log(u)) * (j % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
    });
  },

  samples: [
    { shapes: { x: [2, 4, 4, 16] }, attrs: { stddev: 0.1, stream: 0 } },
    { shapes: { x: [3, 3, 5, 7] }, attrs: { stddev: 1, stream: 1 } },
    { shapes: { x: [2, 6, 5, 1] }, attrs: { stddev: 0.5, stream: 4294967295 } },
    { shapes: { x: [2, 1] }, attrs: { stddev: 0, stream: 2 } },
  ],
  rejects: [
    {
      shapes: { x: [4] },
      attrs: { stddev: 0.1, stream: 0 },
      message: "gaussianNoise: rank of x is 1, expected at least 2",
    },
    {
      shapes: { x: [2, 4] },
      attrs: { stddev: -1, stream: 0 },
      message: "gaussianNoise: stddev is -1, expected a number of at least 0",
    },
    {
      shapes: { x: [2, 4] },
      attrs: { stddev: 0.1, stream: 0.5 },
      message: "gaussianNoise: stream is 0.5, expected a whole number of at least 0",
    },
  ],
});
