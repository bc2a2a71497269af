import * as v from "valibot";
import { count, notNegative, parseConfig, positive } from "../../base/config.ts";
import { power as powerOf } from "../../base/math.ts";
import { defineSchedule } from "./schedule.ts";

const schema = v.strictObject({
  type: v.literal("polynomialDecay"),
  initialLearningRate: positive,
  decaySteps: count,
  endLearningRate: v.optional(notNegative, 0.0001),
  power: v.optional(positive, 1),
});
export type PolynomialDecayConfig = v.InferOutput<typeof schema>;

/**
 * learningRate(step) = (initialLearningRate − endLearningRate) · (1 − min(step / decaySteps, 1))^power + endLearningRate
 *
 * A straight line for the default power of 1. Same as Keras' PolynomialDecay, with its defaults: endLearningRate 0.0001,
 * power 1.
 */
export const polynomialDecay = (
  initialLearningRate: number,
  decaySteps: number,
  options: { readonly endLearningRate?: number; readonly power?: number } = {},
): PolynomialDecayConfig =>
  parseConfig(schema, { type: "polynomialDecay", initialLearningRate, decaySteps, ...options }, "polynomialDecay");

export const polynomialDecayType = defineSchedule<PolynomialDecayConfig>({
  type: "polynomialDecay",
  schema,
  length: ({ decaySteps }) => decaySteps,
  withLength: (config, decaySteps) => ({ ...config, decaySteps }),
  at({ initialLearningRate, decaySteps, endLearningRate, power }, step) {
    const left = 1 - Math.min(step / decaySteps, 1);
    return (initialLearningRate - endLearningRate) * (left > 0 ? powerOf(left, power) : 0) + endLearningRate;
  },
});
