import { dims, shapeError } from "../base/shape.ts";
import { add, block, constant, defineEach, fma, load, loops, mul, negate, one, store, sub, zero } from "../ir/build.ts";
import { cos, sin } from "../ir/math.ts";
import type { Stmt, Value, View } from "../ir/types.ts";
import { at } from "../ir/view.ts";
import {
  checkAngle,
  isChanged,
  radians,
  sampleHalves,
  sampleNumbers,
  sometimes,
  symmetric,
  symmetricNumber,
} from "./augment.ts";
import { checkFraction, checkWhole } from "./check.ts";
import { defineOp } from "./op.ts";

export interface RandomColorAttrs {
  /** The largest relative change of saturation: 0.2 for ±20 %. */
  readonly saturation: number;
  /** The largest turn of hues, in degrees. */
  readonly hue: number;
  /** The probability that an image is changed at all. */
  readonly probability: number;
  /** Unique to each random layer of a network, so that their draws are independent. */
  readonly stream: number;
}

/** Turns and stretches the colors of each sample about gray; `direction` −1 turns them the other way. */
const turned = (change: View, from: View, to: View, direction: 1 | -1): Stmt => {
  const [N, H, W] = to.shape as [number, number, number, number];
  return loops({ n: N, h: H, w: W }, ({ n, h, w }) => {
    const [r, g, b] = [0, 1, 2].map((c) => load(at(from, n, h, w, c))) as [Value, Value, Value];
    return defineEach({ r, g, b, along: load(at(change, n, 0)), across: load(at(change, n, 1)) }, (v) =>
      defineEach({ gray: mul(add(add(v.r, v.g), v.b), constant(1 / 3)) }, ({ gray }) => {
        const channels = [v.r, v.g, v.b];
        const across = direction === 1 ? v.across : negate(v.across);
        return block(
          ...channels.map((x, c) => {
            const turn = sub(channels[(c + 2) % 3]!, channels[(c + 1) % 3]!);
            return store(at(to, n, h, w, c), fma(across, turn, fma(v.along, sub(x, gray), gray)));
          }),
        );
      }),
    );
  });
};

/**
 * Changes the saturation and the hue of each color image at random.
 *
 *   y[n,h,w,c] = m + s·cos θ · (x[…,c] − m) + s·sin θ / √3 · (x[…,c+2] − x[…,c+1]),   m = (x[…,0] + x[…,1] + x[…,2]) / 3
 *
 * with channels counted modulo 3: a rotation by θ about the axis of grays, by which m stays the same, and a stretch by s. s
 * is uniform in 1 ± saturation and θ in ± hue, with the probability that is given; else y = x. x [N,H,W,3] gives y of the
 * same shape, whose values may leave the range of x. Halves 0, 1 and 2 of the sample's block are s, θ and the choice.
 * Keras' and torchvision's layers turn the hue of HSV instead, which is not linear.
 */
export const randomColor = defineOp<RandomColorAttrs>()({
  name: "randomColor",
  inputs: ["x"],
  cancels: true,

  infer({ x }, { saturation, hue, probability, stream }) {
    const [, , , C] = dims("randomColor", "x", x, 4);
    if (C !== 3) throw shapeError("randomColor", "channels of x", C, 3);
    checkFraction("randomColor", "saturation", saturation);
    checkAngle("randomColor", "hue", hue);
    checkFraction("randomColor", "probability", probability);
    checkWhole("randomColor", "stream", stream, 0);
    return x;
  },

  /** s · cos θ and s · sin θ / √3 of each sample. */
  saves: ({ x }) => ({ change: [x[0]!, 2] }),

  forward({ x, change }, y, { saturation, hue, probability, stream }, runtime) {
    return [
      loops({ n: y.shape[0]! }, ({ n }) =>
        sampleHalves(runtime, n, stream, ([stretch, angle, chance]) =>
          defineEach(
            {
              scale: sometimes(chance!, probability, fma(symmetric(stretch!), constant(saturation), one), one),
              angle: sometimes(chance!, probability, mul(symmetric(angle!), constant(radians(hue))), zero),
            },
            (d) =>
              block(
                store(at(change, n, 0), mul(d.scale, cos(d.angle))),
                store(at(change, n, 1), mul(mul(d.scale, sin(d.angle)), constant(1 / Math.sqrt(3)))),
              ),
          ),
        ),
      ),
      turned(change, x, y, 1),
    ];
  },

  backward: { x: ({ change }, _y, dy, dx) => [turned(change, dy, dx, -1)] },

  reference({ x }, shapes, y, _yShape, { saturation, hue, probability, stream }, runtime) {
    const [N, H, W] = dims("randomColor", "x", shapes.x, 4);
    for (let n = 0; n < N; n++) {
      const draws = sampleNumbers(runtime, n, stream);
      const [stretch, angle] = isChanged(draws[2]!, probability) ? draws.map(symmetricNumber) : [0, 0];
      const s = 1 + saturation * stretch!;
      const theta = (angle! * hue * Math.PI) / 180;
      for (let p = n * H * W; p < (n + 1) * H * W; p++) {
        const pixel = [...x.subarray(3 * p, 3 * p + 3)] as [number, number, number];
        const m = (pixel[0] + pixel[1] + pixel[2]) / 3;
        for (let c = 0; c < 3; c++) {
          const turn = (pixel[(c + 2) % 3]! - pixel[(c + 1) % 3]!) / Math.sqrt(3);
          y[3 * p + c] = m + s * (Math.cos(theta) * (pixel[c]! - m) + Math.sin(theta) * turn);
        }
      }
    }
  },

  samples: [
    { shapes: { x: [3, 4, 5, 3] }, attrs: { saturation: 0.5, hue: 20, probability: 1, stream: 0 } },
    { shapes: { x: [9, 3, 3, 3] }, attrs: { saturation: 1, hue: 180, probability: 0.5, stream: 1 } },
    { shapes: { x: [2, 1, 9, 3] }, attrs: { saturation: 0, hue: 0, probability: 1, stream: 4294967295 } },
  ],
  rejects: [
    {
      shapes: { x: [3, 4, 5, 1] },
      attrs: { saturation: 0.5, hue: 20, probability: 1, stream: 0 },
      message: "randomColor: channels of x is 1, expected 3",
    },
    {
      shapes: { x: [3, 4, 5, 3] },
      attrs: { saturation: 1.5, hue: 20, probability: 1, stream: 0 },
      message: "randomColor: saturation is 1.5, expected from 0 to 1",
    },
    {
      shapes: { x: [3, 4, 5, 3] },
      attrs: { saturation: 0.5, hue: 200, probability: 1, stream: 0 },
      message: "randomColor: hue is 200, expected degrees from 0 to 180",
    },
    {
      shapes: { x: [3, 4, 5, 3] },
      attrs: { saturation: 0.5, hue: 20, probability: -1, stream: 0 },
      message: "randomColor: probability is -1, expected from 0 to 1",
    },
  ],
});
