import type * as v from "valibot";
import { configure } from "../base/config.ts";
import { flatten as flattenOp } from "../ops/flatten.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("flatten", {});
export type FlattenConfig = v.InferOutput<typeof schema>;

export const flattenType = defineLayer<FlattenConfig>({
  type: "flatten",
  schema,
  build: (builder, [x]) => builder.apply(flattenOp, { x }, {}),
});

/** Flattens x [N,H,W,C] to y [N,H·W·C], in the order height, width, channel. Same as Keras' Flatten. */
export const flatten = (options: LayerOptions = {}): FlattenConfig => configure(flattenType, options);
