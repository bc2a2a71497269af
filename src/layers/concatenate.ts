import type * as v from "valibot";
import { configure } from "../base/config.ts";
import { InklingError } from "../base/error.ts";
import { concatenate as concatenateOp } from "../ops/concatenate.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("concatenate", {});
export type ConcatenateConfig = v.InferOutput<typeof schema>;

export const concatenateType = defineLayer<ConcatenateConfig>({
  type: "concatenate",
  schema,
  arity: "several",
  build(builder, [first, ...others]) {
    if (others.length === 0)
      throw new InklingError(
        "INVALID_MODEL",
        'concatenate: has 1 input, expected at least 2; name them: concatenate(["a", "b"])',
      );
    return others.reduce(
      (a, b, k) => builder.apply(concatenateOp, { a, b }, {}, k < others.length - 1 ? `joined${k + 1}` : undefined),
      first,
    );
  },
});

/** Concatenates the outputs of the named layers along the channels, in the order of the names. Same as Keras' Concatenate. */
export const concatenate = (inputs: readonly string[], options: Omit<LayerOptions, "inputs"> = {}): ConcatenateConfig =>
  configure(concatenateType, { inputs, ...options });
