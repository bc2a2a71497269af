import * as v from "valibot";
import { configure, count, flag, positive } from "../../base/config.ts";
import { defineSchedule } from "./schedule.ts";

const schema = v.strictObject({
  type: v.literal("inverseTimeDecay"),
  initialLearningRate: positive,
  decaySteps: count,
  decayRate: positive,
  staircase: v.optional(flag, false),
});
export type InverseTimeDecayConfig = v.InferOutput<typeof schema>;

export const inverseTimeDecayType = defineSchedule<InverseTimeDecayConfig>({
  type: "inverseTimeDecay",
  schema,
  // With staircase, the decay is periodic, and decaySteps is its period rather than the length of a training.
  length: ({ decaySteps, staircase }) => (staircase ? undefined : decaySteps),
  withLength: (config, decaySteps) => ({ ...config, decaySteps }),
  at({ initialLearningRate, decaySteps, decayRate, staircase }, step) {
    const periods = step / decaySteps;
    return initialLearningRate / (1 + decayRate * (staircase ? Math.floor(periods) : periods));
  },
});

/**
 * learningRate(step) = initialLearningRate / (1 + decayRate · step / decaySteps)
 *
 * With `staircase` (default: false), step / decaySteps is rounded down. Same as Keras' InverseTimeDecay. Throws
 * `INVALID_ARGUMENT` naming the first invalid setting.
 */
export const inverseTimeDecay = (
  initialLearningRate: number,
  decaySteps: number,
  decayRate: number,
  options: { readonly staircase?: boolean } = {},
): InverseTimeDecayConfig =>
  configure(inverseTimeDecayType, { initialLearningRate, decaySteps, decayRate, ...options });
