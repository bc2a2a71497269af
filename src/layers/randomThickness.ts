import * as v from "valibot";
import { configure, fraction } from "../base/config.ts";
import { randomThickness as randomThicknessOp } from "../ops/randomThickness.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("randomThickness", {
  dilate: v.optional(fraction, 0),
  erode: v.optional(fraction, 0),
  shape: v.optional(v.picklist(["cross", "square"], '"cross" or "square"'), "cross"),
});
export type RandomThicknessConfig = v.InferOutput<typeof schema>;

export const randomThicknessType = defineLayer<RandomThicknessConfig>({
  type: "randomThickness",
  schema,
  build(builder, [x], { dilate, erode, shape }) {
    if (!builder.training || (dilate === 0 && erode === 0)) return x;
    return builder.apply(randomThicknessOp, { x }, { dilate, erode, shape, stream: builder.index });
  },
});

/**
 * Makes the bright strokes of some images thicker or thinner, by up to a pixel on each side: a mean of the image and
 * its gray dilation or erosion, with random weights. When testing, y = x. It follows the input: no gradient
 * goes through it.
 *
 *   dilate: the probability of thicker strokes: 0
 *   erode:  the probability of thinner ones, at most 1 − dilate: 0
 *   shape:  "cross" counts the pixels beside, above and below, "square" the corners as well: "cross"
 */
export const randomThickness = (
  options: {
    readonly dilate?: number;
    readonly erode?: number;
    readonly shape?: "cross" | "square";
  } & LayerOptions,
): RandomThicknessConfig => configure(randomThicknessType, options);
