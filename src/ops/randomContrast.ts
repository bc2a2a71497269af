import { dims, sizeOf } from "../base/shape.ts";
import { block, constant, elementwise, fma, load, loops, mul, one, store, zero } from "../ir/build.ts";
import { at } from "../ir/view.ts";
import {
  checkRange,
  isChanged,
  sampleHalves,
  sampleNumbers,
  sometimes,
  symmetric,
  symmetricNumber,
} from "./augment.ts";
import { checkAttribute, checkFraction, checkWhole } from "./check.ts";
import { defineOp } from "./op.ts";

export interface RandomContrastAttrs {
  /** The largest relative change of contrast: 0.1 for ±10 %. */
  readonly factor: number;
  /** The largest change of brightness, as a fraction of the range from black to white. */
  readonly brightness: number;
  /** The probability that an image is changed at all. */
  readonly probability: number;
  /** Unique to each random layer of a network, so that their draws are independent. */
  readonly stream: number;
}

/**
 * Changes the contrast and the brightness of each image at random.
 *
 *   y[n,h,w,c] = gain[n] · x[n,h,w,c] + offset[n]
 *
 * gain is uniform in 1 ± factor and offset in ± brightness, with the probability that is given; else y = x. x [N,H,W,C],
 * normalized to ±½, gives y of the same shape, which may leave that range. Halves 0, 1 and 2 of the sample's block are
 * gain, offset and the choice. Contrast changes about medium gray, whereas Keras' RandomContrast uses the mean of the
 * image: they differ by a brightness.
 */
export const randomContrast = defineOp<RandomContrastAttrs>()({
  name: "randomContrast",
  inputs: ["x"],

  infer({ x }, { factor, brightness, probability, stream }) {
    dims("randomContrast", "x", x, 4);
    checkAttribute("randomContrast", "factor", factor, factor >= 0 && factor < 1, "at least 0 and below 1");
    checkRange("randomContrast", "brightness", brightness);
    checkFraction("randomContrast", "probability", probability);
    checkWhole("randomContrast", "stream", stream, 0);
    return x;
  },

  /** Gain and offset of each sample. */
  saves: ({ x }) => ({ change: [x[0]!, 2] }),

  forward({ x, change }, y, { factor, brightness, probability, stream }, runtime) {
    return [
      loops({ n: y.shape[0]! }, ({ n }) =>
        sampleHalves(runtime, n, stream, ([gain, offset, chance]) =>
          block(
            store(at(change, n, 0), sometimes(chance!, probability, fma(symmetric(gain!), constant(factor), one), one)),
            store(
              at(change, n, 1),
              sometimes(chance!, probability, mul(symmetric(offset!), constant(brightness)), zero),
            ),
          ),
        ),
      ),
      elementwise(y, (i) => fma(load(at(x, ...i)), load(at(change, i[0]!, 0)), load(at(change, i[0]!, 1)))),
    ];
  },

  backward: {
    x: ({ change }, _y, dy, dx) => [elementwise(dx, (i) => mul(load(at(dy, ...i)), load(at(change, i[0]!, 0))))],
  },

  reference({ x }, shapes, y, _yShape, { factor, brightness, probability, stream }, runtime) {
    const size = sizeOf(shapes.x.slice(1));
    x.forEach((value, i) => {
      const draws = sampleNumbers(runtime, Math.floor(i / size), stream);
      const [gain, offset] = draws.map(symmetricNumber);
      y[i] = isChanged(draws[2]!, probability) ? value * (1 + factor * gain!) + brightness * offset! : value;
    });
  },

  samples: [
    { shapes: { x: [3, 4, 5, 1] }, attrs: { factor: 0.5, brightness: 0.25, probability: 1, stream: 0 } },
    { shapes: { x: [9, 3, 3, 3] }, attrs: { factor: 0, brightness: 1, probability: 0.5, stream: 1 } },
    { shapes: { x: [2, 4, 4, 4] }, attrs: { factor: 0.9, brightness: 0, probability: 1, stream: 4294967295 } },
  ],
  rejects: [
    {
      shapes: { x: [3, 4, 5] },
      attrs: { factor: 0.5, brightness: 0.25, probability: 1, stream: 0 },
      message: "randomContrast: rank of x is 3, expected 4",
    },
    {
      shapes: { x: [3, 4, 5, 1] },
      attrs: { factor: 1, brightness: 0.25, probability: 1, stream: 0 },
      message: "randomContrast: factor is 1, expected at least 0 and below 1",
    },
    {
      shapes: { x: [3, 4, 5, 1] },
      attrs: { factor: 0.5, brightness: -1, probability: 1, stream: 0 },
      message: "randomContrast: brightness is -1, expected a number of at least 0",
    },
    {
      shapes: { x: [3, 4, 5, 1] },
      attrs: { factor: 0.5, brightness: 0.25, probability: 2, stream: 0 },
      message: "randomContrast: probability is 2, expected from 0 to 1",
    },
  ],
});
