import { configure, count, defineSchedule, flag, positive, registerSchedule } from "inkling/extend";
import * as v from "valibot";

const schema = v.strictObject({
  type: v.literal("inverseTimeDecay"),
  initialLearningRate: positive,
  decaySteps: count,
  decayRate: positive,
  staircase: v.optional(flag, false),
});
export type InverseTimeDecayConfig = v.InferOutput<typeof schema>;

const inverseTimeDecayType = defineSchedule<InverseTimeDecayConfig>({
  type: "inverseTimeDecay",
  schema,
  at({ initialLearningRate, decaySteps, decayRate, staircase }, step) {
    const periods = step / decaySteps;
    return initialLearningRate / (1 + decayRate * (staircase ? Math.floor(periods) : periods));
  },
});
registerSchedule(inverseTimeDecayType);

/**
 * learningRate(step) = initialLearningRate / (1 + decayRate · step / decaySteps)
 *
 * With `staircase` (default: false), step / decaySteps is rounded down. Same as Keras' InverseTimeDecay.
 */
export const inverseTimeDecay = (
  initialLearningRate: number,
  decaySteps: number,
  decayRate: number,
  options: { readonly staircase?: boolean } = {},
): InverseTimeDecayConfig =>
  configure(inverseTimeDecayType, { initialLearningRate, decaySteps, decayRate, ...options });
