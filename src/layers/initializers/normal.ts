import * as v from "valibot";
import { finite, parseConfig, positive } from "../../base/config.ts";
import { log } from "../../base/math.ts";
import { toUnit } from "../../base/philox.ts";
import { defineInitializer, eachElement, type RandomWords } from "./initializer.ts";

const schema = v.strictObject({
  type: v.literal("normal"),
  mean: v.optional(finite, 0),
  stddev: v.optional(positive, 0.05),
});
export type NormalConfig = v.InferOutput<typeof schema>;

/** Normal distribution with the given mean (default 0) and standard deviation (default 0.05). Same as Keras' RandomNormal. */
export const normal = (options: { readonly mean?: number; readonly stddev?: number } = {}): NormalConfig =>
  parseConfig(schema, { type: "normal", ...options }, "normal");

/**
 * A standard normal number by the polar method, which needs no sine: a point in the unit disk gives
 * x·√(−2·ln s / s), s = x² + y². Undefined if the point is outside, which calls for another attempt.
 *
 * Source: Marsaglia and Bray, "A convenient method for generating normal variables", SIAM Review 6, 1964.
 */
function polar([first, second]: readonly number[]): number | undefined {
  const x = 2 * toUnit(first!) - 1;
  const y = 2 * toUnit(second!) - 1;
  const s = x * x + y * y;
  return s > 0 && s < 1 ? x * Math.sqrt((-2 * log(s)) / s) : undefined;
}

/** A standard normal number for an element, redrawn while it is more than `limit` from 0 (default: no limit). */
export function drawNormal(element: number, random: RandomWords, limit = Number.POSITIVE_INFINITY): number {
  for (let attempt = 0; ; attempt++) {
    const drawn = polar(random(element, attempt));
    if (drawn !== undefined && Math.abs(drawn) <= limit) return drawn;
  }
}

export const normalType = defineInitializer<NormalConfig>({
  type: "normal",
  schema,
  values: ({ mean, stddev }, shape, random) =>
    eachElement(shape, (element) => mean + stddev * drawNormal(element, random)),
});
