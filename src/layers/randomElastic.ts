import * as v from "valibot";
import { configure, notNegative, pair } from "../base/config.ts";
import { randomElastic as randomElasticOp } from "../ops/randomElastic.ts";
import { BLACK, outside } from "./augment.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("randomElastic", {
  strength: notNegative,
  grid: v.optional(pair, 4),
  fill: v.optional(outside, BLACK),
});
export type RandomElasticConfig = v.InferOutput<typeof schema>;

export const randomElasticType = defineLayer<RandomElasticConfig>({
  type: "randomElastic",
  schema,
  usual: { strength: 1 },
  build(builder, [x], { strength, grid, fill }) {
    if (!builder.training || strength === 0) return x;
    return builder.apply(randomElasticOp, { x }, { strength, grid, fill, stream: builder.index });
  },
});

/**
 * Distorts each image smoothly at random; at inference, y = x. It passes no gradient on, so no trained layer may come
 * before it. Source: Simard, Steinkraus & Platt, "Best practices for convolutional neural networks applied to visual
 * document analysis", 2003.
 *
 *   strength: the largest displacement in pixels; the standard deviation is 0.28 times that
 *   grid:     the number of cells that are displaced independently, along both axes or [height, width]; default 4
 *   fill:     the normalized value of pixels from outside the image, or "edge" to continue its edges; default −0.5, black
 */
export const randomElastic = (
  options: {
    readonly strength: number;
    readonly grid?: number | readonly [number, number];
    readonly fill?: number | "edge";
  } & LayerOptions,
): RandomElasticConfig => configure(randomElasticType, options);
