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
  usual: { keepProbability: 0.5 },
  build(builder, [x], { keepProbability }) {
    if (!builder.training || keepProbability === 1) return x;
    return builder.apply(dropoutOp, { x }, { keepProbability, stream: builder.index });
  },
});

/** How much is dropped, as `rate`, or how much is kept, as `keepProbability` = 1 − rate. */
export type DropoutOptions = ({ readonly rate: number } | { readonly keepProbability: number }) & LayerOptions;

/**
 * The settings as they are stored, with the probability to keep. Throws `INVALID_ARGUMENT` unless the rate is in [0, 1),
 * and where both it and `keepProbability` are given.
 */
export function dropoutSettings(layer: string, given: number | DropoutOptions, more: LayerOptions = {}): object {
  const { rate, ...others } = typeof given === "object" ? { rate: undefined, ...given } : { ...more, rate: given };
  const keeps = "keepProbability" in others;
  if (keeps && rate === undefined) return others;
  if (keeps) throw new InklingError("INVALID_ARGUMENT", `${layer}: has rate and keepProbability; give one of them`);
  if (!(typeof rate === "number" && rate >= 0 && rate < 1))
    throw new InklingError(
      "INVALID_ARGUMENT",
      `${layer}: rate is ${rate === undefined ? "missing" : String(rate)}, expected a number of at least 0 and below 1`,
    );
  return { keepProbability: 1 - rate, ...others };
}

/**
 * Sets each element to 0 with probability `rate` in training, and scales the others by 1 / (1 − rate); in evaluation and
 * prediction, y = x. Same as Keras' Dropout: `dropout(0.5)` or `dropout({ rate: 0.5 })`. `{ keepProbability: 0.5 }` gives the
 * probability to keep instead, as the `keep_prob` of TensorFlow 1 did.
 *
 * Throws `INVALID_ARGUMENT` unless 0 ≤ rate < 1.
 */
export function dropout(rate: number, options?: LayerOptions): DropoutConfig;
export function dropout(options: DropoutOptions): DropoutConfig;
export function dropout(given: number | DropoutOptions, options?: LayerOptions): DropoutConfig {
  return configure(dropoutType, dropoutSettings("dropout", given, options));
}
