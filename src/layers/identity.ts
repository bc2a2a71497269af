import type * as v from "valibot";
import { configure } from "../base/config.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("identity", {});
export type IdentityConfig = v.InferOutput<typeof schema>;

export const identityType = defineLayer<IdentityConfig>({
  type: "identity",
  schema,
  build: (_builder, [x]) => x,
});

/** y = x, at no cost: names a point in the network that branches can read. Same as Keras' Identity. */
export const identity = (options: LayerOptions = {}): IdentityConfig => configure(identityType, options);
