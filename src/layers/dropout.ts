import type * as v from "valibot";
import { dropout as dropoutOp } from "../ops/dropout.ts";
import { probability } from "../tensor/config.ts";
import { InklingError } from "../tensor/error.ts";
import { configure, defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

const schema = layerSchema("dropout", { keepProbability: probability });
export type DropoutConfig = v.InferOutput<typeof schema>;

export const dropoutType = defineLayer<DropoutConfig>({
  type: "dropout",
  schema,
  build(builder, [x], { keepProbability }) {
    if (!builder.training || keepProbability === 1) return x;
    return builder.apply(dropoutOp, { x }, { keepProbability, stream: builder.index });
  },
});

/**
 * Keeps each element with the given probability and scales it by 1 / keepProbability, else sets it to 0;
 * when testing, y = x. `rate` is 1 − keepProbability; give one of them. As `tf.nn.dropout`.
 */
export function dropout(
  options: ({ readonly keepProbability: number } | { readonly rate: number }) & LayerOptions,
): DropoutConfig {
  if (!("rate" in options)) return configure(dropoutType, options);
  const { rate, ...others } = options;
  if ("keepProbability" in others)
    throw new InklingError("INVALID_ARGUMENT", "dropout: has rate and keepProbability; give one of them");
  if (!(rate >= 0 && rate < 1))
    throw new InklingError("INVALID_ARGUMENT", `dropout: rate is ${rate}, expected a number of at least 0 and below 1`);
  return configure(dropoutType, { keepProbability: 1 - rate, ...others });
}
