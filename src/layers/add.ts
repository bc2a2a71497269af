import type * as v from "valibot";
import { configure } from "../base/config.ts";
import { InklingError } from "../base/error.ts";
import { add as addOp } from "../ops/add.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("add", {});
export type AddConfig = v.InferOutput<typeof schema>;

export const addType = defineLayer<AddConfig>({
  type: "add",
  schema,
  arity: "several",
  build(builder, [first, ...others]) {
    if (others.length === 0)
      throw new InklingError("INVALID_MODEL", 'add: has 1 input, expected at least 2; name them: add(["a", "b"])');
    return others.reduce(
      (a, b, k) => builder.apply(addOp, { a, b }, {}, k < others.length - 1 ? `sum${k + 1}` : undefined),
      first,
    );
  },
});

/** The sum of the outputs of the named layers, two or more of the same shape. Same as Keras' Add. */
export const add = (inputs: readonly string[], options: Omit<LayerOptions, "inputs"> = {}): AddConfig =>
  configure(addType, { inputs, ...options });
