import * as v from "valibot";
import { configure, finite, notNegative } from "../base/config.ts";
import { randomAffine as randomAffineOp } from "../ops/randomAffine.ts";
import { BLACK, share } from "./augment.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const degrees = v.pipe(
  v.number("degrees from 0 to 180"),
  v.minValue(0, "degrees from 0 to 180"),
  v.maxValue(180, "degrees from 0 to 180"),
);
/** Pixels along both axes, or along each: always stored as two. */
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
  scale: v.optional(share, 0),
  shear: v.optional(notNegative, 0),
  fill: v.optional(finite, BLACK),
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
 * Rotates, shears, scales and shifts each image at random, in one bilinear sampling; when testing, y = x. It
 * follows the input: no gradient goes through it.
 *
 *   rotation: up to so many degrees either way: 0
 *   shift:    up to so many pixels either way along rows and columns, or [along rows, along columns]: 0
 *   scale:    larger or smaller by up to this share: 0
 *   shear:    up to so many columns either way for each row from the center: 0
 *   fill:     the normalized value of what comes from outside: −0.5, which is black
 */
export const randomAffine = (
  options: {
    readonly rotation?: number;
    readonly shift?: number | readonly [number, number];
    readonly scale?: number;
    readonly shear?: number;
    readonly fill?: number;
  } & LayerOptions,
): RandomAffineConfig => configure(randomAffineType, options);
