import * as v from "valibot";
import { finite, parseConfig, positive } from "../../base/config.ts";
import type { Shape } from "../../base/shape.ts";
import { defineInitializer, eachElement, type RandomWords } from "./initializer.ts";
import { drawNormal } from "./normal.ts";

const schema = v.strictObject({
  type: v.literal("truncatedNormal"),
  mean: v.optional(finite, 0),
  stddev: v.optional(positive, 0.05),
});
export type TruncatedNormalConfig = v.InferOutput<typeof schema>;

/**
 * Normal distribution with the given mean (default 0) and standard deviation (default 0.05), redrawn while more
 * than two standard deviations from the mean. Same as `tf.random.truncated_normal` and Keras' TruncatedNormal.
 */
export const truncatedNormal = (
  options: { readonly mean?: number; readonly stddev?: number } = {},
): TruncatedNormalConfig => parseConfig(schema, { type: "truncatedNormal", ...options }, "truncatedNormal");

/** Truncated normal values. */
const drawTruncated = (mean: number, stddev: number, shape: Shape, random: RandomWords): Float32Array =>
  eachElement(shape, (element) => mean + stddev * drawNormal(element, random, 2));

/** The standard deviation of a standard normal that is truncated at two deviations. */
const TRUNCATED_STDDEV = 0.8796256610342398;

/** Truncated normal values with mean 0 and the given variance, as Keras' VarianceScaling draws them. */
export const drawScaled = (variance: number, shape: Shape, random: RandomWords): Float32Array =>
  drawTruncated(0, Math.sqrt(variance) / TRUNCATED_STDDEV, shape, random);

export const truncatedNormalType = defineInitializer<TruncatedNormalConfig>({
  type: "truncatedNormal",
  schema,
  values: ({ mean, stddev }, shape, random) => drawTruncated(mean, stddev, shape, random),
});
