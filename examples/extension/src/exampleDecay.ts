import { configure, count, defineSchedule, flag, positive, registerSchedule } from "inkling/extend";
import * as v from "valibot";

const schema = v.strictObject({
  type: v.literal("exampleDecay"),
  initialLearningRate: positive,
  decaySteps: count,
  decayRate: positive,
  staircase: v.optional(flag, false),
});
export type ExampleDecayConfig = v.InferOutput<typeof schema>;

const exampleDecayType = defineSchedule<ExampleDecayConfig>({
  type: "exampleDecay",
  schema,
  at({ initialLearningRate, decaySteps, decayRate, staircase }, step) {
    const periods = step / decaySteps;
    return initialLearningRate / (1 + decayRate * (staircase ? Math.floor(periods) : periods));
  },
});
registerSchedule(exampleDecayType);

/**
 * learningRate(step) = initialLearningRate / (1 + decayRate · step / decaySteps)
 *
 * With `staircase` (default: false), step / decaySteps is rounded down. Same as Keras' InverseTimeDecay.
 */
export const exampleDecay = (
  initialLearningRate: number,
  decaySteps: number,
  decayRate: number,
  options: { readonly staircase?: boolean } = {},
): ExampleDecayConfig => configure(exampleDecayType, { initialLearningRate, decaySteps, decayRate, ...options });
