import * as v from "valibot";
import { count, flag, parseConfig, positive } from "../../base/config.ts";
import { power } from "../../base/math.ts";
import { defineSchedule } from "./schedule.ts";

const schema = v.strictObject({
  type: v.literal("exponentialDecay"),
  initialLearningRate: positive,
  decaySteps: count,
  decayRate: positive,
  staircase: v.optional(flag, true),
});
export type ExponentialDecayConfig = v.InferOutput<typeof schema>;

/**
 * learningRate(step) = initialLearningRate · decayRate^(step / decaySteps)
 *
 * With `staircase`, the default, the exponent is rounded down. Same as `tf.train.exponential_decay` and as Keras'
 * ExponentialDecay, where `staircase` is off by default.
 */
export const exponentialDecay = (
  initialLearningRate: number,
  decaySteps: number,
  decayRate: number,
  options: { readonly staircase?: boolean } = {},
): ExponentialDecayConfig =>
  parseConfig(
    schema,
    { type: "exponentialDecay", initialLearningRate, decaySteps, decayRate, ...options },
    "exponentialDecay",
  );

export const exponentialDecayType = defineSchedule<ExponentialDecayConfig>({
  type: "exponentialDecay",
  schema,
  // With staircase, the decay is periodic, and decaySteps is its period rather than the length of a training.
  length: ({ decaySteps, staircase }) => (staircase ? undefined : decaySteps),
  withLength: (config, decaySteps) => ({ ...config, decaySteps }),
  at({ initialLearningRate, decaySteps, decayRate, staircase }, step) {
    const exponent = step / decaySteps;
    return initialLearningRate * power(decayRate, staircase ? Math.floor(exponent) : exponent);
  },
});
