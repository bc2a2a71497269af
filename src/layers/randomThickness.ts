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
 * Makes the bright strokes of some images thicker or thinner, by up to a pixel on each side: a randomly weighted mean of
 * the image and its grayscale dilation or erosion. At inference, y = x. It passes no gradient on, so no trained layer may
 * come before it.
 *
 *   dilate: the probability of thicker strokes; default 0
 *   erode:  the probability of thinner strokes, at most 1 − dilate; default 0
 *   shape:  "cross" for the 4 adjacent pixels, "square" for all 8; default "cross"
 */
export const randomThickness = (
  options: {
    readonly dilate?: number;
    readonly erode?: number;
    readonly shape?: "cross" | "square";
  } & LayerOptions,
): RandomThicknessConfig => configure(randomThicknessType, options);
