import * as v from "valibot";
import { finite, parseConfig, positive } from "../../tensor/config.ts";
import { log } from "../../tensor/math.ts";
import { toUnit } from "../../tensor/philox.ts";
import type { InitializerType, RandomWords } from "./initializer.ts";

const schema = v.strictObject({
  type: v.literal("truncatedNormal"),
  mean: v.optional(finite, 0),
  stddev: v.optional(positive, 0.05),
});
export type TruncatedNormalConfig = v.InferOutput<typeof schema>;

/**
 * Normal with the given mean (0) and standard deviation (0.05), redrawn while it is more than two
 * deviations from the mean. As `tf.random.truncated_normal` and Keras' TruncatedNormal.
 */
export const truncatedNormal = (
  options: { readonly mean?: number; readonly stddev?: number } = {},
): TruncatedNormalConfig => parseConfig(schema, { type: "truncatedNormal", ...options }, "truncatedNormal");

/**
 * A standard normal by the polar method, which needs no sine: a point in the unit disc gives
 * x·√(−2·ln s / s), s = x² + y². Undefined where the point is outside; then another attempt is due.
 *
 * Source: Marsaglia and Bray, "A convenient method for generating normal variables", SIAM Review 6, 1964.
 */
function polar([first, second]: readonly number[]): number | undefined {
  const x = 2 * toUnit(first!) - 1;
  const y = 2 * toUnit(second!) - 1;
  const s = x * x + y * y;
  return s > 0 && s < 1 ? x * Math.sqrt((-2 * log(s)) / s) : undefined;
}

function drawTruncated(element: number, random: RandomWords): number {
  for (let attempt = 0; ; attempt++) {
    const normal = polar(random(element, attempt));
    if (normal !== undefined && Math.abs(normal) <= 2) return normal;
  }
}

export const truncatedNormalType: InitializerType<TruncatedNormalConfig> = {
  type: "truncatedNormal",
  schema,
  draw: ({ mean, stddev }, element, _shape, random) => mean + stddev * drawTruncated(element, random),
};
