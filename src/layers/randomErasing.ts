import * as v from "valibot";
import { configure, finite, fraction, pair } from "../base/config.ts";
import { randomErasing as randomErasingOp } from "../ops/randomErasing.ts";
import { BLACK } from "./augment.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("randomErasing", {
  size: pair,
  probability: v.optional(fraction, 0.5),
  fill: v.optional(finite, BLACK),
});
export type RandomErasingConfig = v.InferOutput<typeof schema>;

export const randomErasingType = defineLayer<RandomErasingConfig>({
  type: "randomErasing",
  schema,
  usual: { size: 8 },
  build(builder, [x], { size, probability, fill }) {
    if (!builder.training || probability === 0) return x;
    return builder.apply(randomErasingOp, { x }, { size, probability, fill, stream: builder.index });
  },
});

/**
 * Erases a rectangle at a random position in some of the images (cutout); at inference, y = x. Source: DeVries &
 * Taylor, "Improved regularization of convolutional neural networks with cutout", 2017.
 *
 *   size:        the rectangle's side in pixels, or [rows, columns]; it may extend beyond the image
 *   probability: the probability that an image has a rectangle erased; default 0.5
 *   fill:        the normalized value of erased pixels; default −0.5, which is black
 */
export const randomErasing = (
  options: {
    readonly size: number | readonly [number, number];
    readonly probability?: number;
    readonly fill?: number;
  } & LayerOptions,
): RandomErasingConfig => configure(randomErasingType, options);
