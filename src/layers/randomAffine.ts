import * as v from "valibot";
import { belowOne, configure, notNegative } from "../base/config.ts";
import { randomAffine as randomAffineOp } from "../ops/randomAffine.ts";
import { BLACK, degrees, outside } from "./augment.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

/** Pixels along both axes, or along each; always stored as a pair. */
const pixels = v.pipe(
  v.union(
    [notNegative, v.strictTuple([notNegative, notNegative])],
    "pixels of at least 0, or two of them: [rows, columns]",
  ),
  v.transform((x): [number, number] => (typeof x === "number" ? [x, x] : x)),
);

const schema = layerSchema("randomAffine", {
  rotation: v.optional(degrees, 0),
  shift: v.optional(pixels, 0),
  scale: v.optional(belowOne, 0),
  shear: v.optional(notNegative, 0),
  fill: v.optional(outside, BLACK),
});
export type RandomAffineConfig = v.InferOutput<typeof schema>;

export const randomAffineType = defineLayer<RandomAffineConfig>({
  type: "randomAffine",
  schema,
  build(builder, [x], { rotation, shift, scale, shear, fill }) {
    const isIdentity = [rotation, ...shift, scale, shear].every((most) => most === 0);
    if (!builder.training || isIdentity) return x;
    return builder.apply(randomAffineOp, { x }, { rotation, shift, scale, shear, fill, stream: builder.index });
  },
});

/**
 * Rotates, shears, scales and shifts each image at random, with a single bilinear resampling; at inference, y = x.
 * It passes no gradient on, so no trained layer may come before it.
 *
 *   rotation: the largest angle in degrees, in either direction; default 0
 *   shift:    the largest shift in pixels, in either direction: of rows and of columns, or [rows, columns]; default 0
 *   scale:    the largest relative change of size: 0.1 for ±10 %; default 0
 *   shear:    the largest shear: columns per row of distance from the center; default 0
 *   fill:     the normalized value of pixels from outside the image, or "edge" to continue its edges; default −0.5, black
 */
export const randomAffine = (
  options: {
    readonly rotation?: number;
    readonly shift?: number | readonly [number, number];
    readonly scale?: number;
    readonly shear?: number;
    readonly fill?: number | "edge";
  } & LayerOptions,
): RandomAffineConfig => configure(randomAffineType, options);
