import * as v from "valibot";
import { configure, finite, notNegative, pair } from "../base/config.ts";
import { randomElastic as randomElasticOp } from "../ops/randomElastic.ts";
import { BLACK } from "./augment.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("randomElastic", {
  strength: notNegative,
  grid: v.optional(pair, 4),
  fill: v.optional(finite, BLACK),
});
export type RandomElasticConfig = v.InferOutput<typeof schema>;

export const randomElasticType = defineLayer<RandomElasticConfig>({
  type: "randomElastic",
  schema,
  build(builder, [x], { strength, grid, fill }) {
    if (!builder.training || strength === 0) return x;
    return builder.apply(randomElasticOp, { x }, { strength, grid, fill, stream: builder.index });
  },
});

/**
 * Bends each image smoothly at random; when testing, y = x. It follows the input: no gradient goes through it.
 *
 *   strength: the largest displacement, in pixels; a typical one is 0.28 of it
 *   grid:     cells along the image, which bend apart, or [along rows, along columns]: 4
 *   fill:     the normalized value of what comes from outside: −0.5, which is black
 */
export const randomElastic = (
  options: {
    readonly strength: number;
    readonly grid?: number | readonly [number, number];
    readonly fill?: number;
  } & LayerOptions,
): RandomElasticConfig => configure(randomElasticType, options);
