import * as v from "valibot";
import { configure } from "../base/config.ts";
import { randomCrop as randomCropOp } from "../ops/randomCrop.ts";
import { outside, wholePair } from "./augment.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("randomCrop", { padding: wholePair, fill: v.optional(outside, "edge") });
export type RandomCropConfig = v.InferOutput<typeof schema>;

export const randomCropType = defineLayer<RandomCropConfig>({
  type: "randomCrop",
  schema,
  usual: { padding: 2 },
  build(builder, [x], { padding, fill }) {
    if (!builder.training || (padding[0] === 0 && padding[1] === 0)) return x;
    return builder.apply(randomCropOp, { x }, { padding, fill, stream: builder.index });
  },
});

/**
 * Pads each image and crops it to its size again at a random place, which shifts it by whole pixels; at inference, y = x.
 * It passes no gradient on, so no trained layer may come before it.
 *
 *   padding: the largest shift in pixels, in either direction: of rows and of columns, or [rows, columns]
 *   fill:    the normalized value of the padding, or "edge" to continue the image's edges; default "edge"
 */
export const randomCrop = (
  options: { readonly padding: number | readonly [number, number]; readonly fill?: number | "edge" } & LayerOptions,
): RandomCropConfig => configure(randomCropType, options);
