import type * as v from "valibot";
import { configure, probability } from "../base/config.ts";
import { InklingError } from "../base/error.ts";
import { dropout as dropoutOp } from "../ops/dropout.ts";
import { defineLayer, type LayerOptions, layerSchema } from "./layer.ts";

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

/** How much is kept, or how much is dropped. */
export type DropoutOptions = ({ readonly keepProbability: number } | { readonly rate: number }) & LayerOptions;

/**
 * The settings with `rate` as the probability to keep. Throws `INVALID_ARGUMENT` unless it is in [0, 1), and given alone;
 * and where a number stands for either, since libraries differ in which it is.
 */
export function kept(layer: string, options: DropoutOptions): object {
  if (typeof options !== "object")
    throw new InklingError(
      "INVALID_ARGUMENT",
      `${layer}: options are ${options}, expected an object: { rate } is the share that is dropped, { keepProbability } that kept`,
    );
  if (!("rate" in options)) return options;
  const { rate, ...others } = options;
  if ("keepProbability" in others)
    throw new InklingError("INVALID_ARGUMENT", `${layer}: has rate and keepProbability; give one of them`);
  if (!(rate >= 0 && rate < 1))
    throw new InklingError(
      "INVALID_ARGUMENT",
      `${layer}: rate is ${rate}, expected a number of at least 0 and below 1`,
    );
  return { keepProbability: 1 - rate, ...others };
}

/**
 * Keeps each element with the given probability and scales it by 1 / keepProbability, else sets it to 0;
 * when testing, y = x. `rate` is 1 − keepProbability; give one of them. Same as `tf.nn.dropout`.
 */
export const dropout = (options: DropoutOptions): DropoutConfig => configure(dropoutType, kept("dropout", options));
