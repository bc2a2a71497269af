import * as v from "valibot";
import { count, fraction, parseConfig, positive } from "../../base/config.ts";
import { cos } from "../../base/math.ts";
import { defineSchedule } from "./schedule.ts";

const schema = v.strictObject({
  type: v.literal("cosineDecay"),
  initialLearningRate: positive,
  decaySteps: count,
  alpha: v.optional(fraction, 0),
});
export type CosineDecayConfig = v.InferOutput<typeof schema>;

/**
 * learningRate(step) = initialLearningRate · ((1 − alpha) · ½(1 + cos(π·min(step / decaySteps, 1))) + alpha)
 *
 * Half a cosine wave from the initial learning rate down to alpha (default 0) times that, where it stays. Same as Keras'
 * CosineDecay, and PyTorch's CosineAnnealingLR with eta_min = alpha · initialLearningRate. Source: Loshchilov
 * and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.
 */
export const cosineDecay = (
  initialLearningRate: number,
  decaySteps: number,
  options: { readonly alpha?: number } = {},
): CosineDecayConfig =>
  parseConfig(schema, { type: "cosineDecay", initialLearningRate, decaySteps, ...options }, "cosineDecay");

export const cosineDecayType = defineSchedule<CosineDecayConfig>({
  type: "cosineDecay",
  schema,
  length: ({ decaySteps }) => decaySteps,
  withLength: (config, decaySteps) => ({ ...config, decaySteps }),
  at({ initialLearningRate, decaySteps, alpha }, step) {
    const wave = 0.5 * (1 + cos(Math.PI * Math.min(step / decaySteps, 1)));
    return initialLearningRate * ((1 - alpha) * wave + alpha);
  },
});
